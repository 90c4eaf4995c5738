using System;
using System.CommandLine;
using System.Globalization;
using Hanse.Cli.Operators;
using Hanse.Server.V1;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse bounty</c>: work for a mission that is being served.</summary>
internal static class BountyCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("bounty", "Work for a mission that 'hanse serve' serves.\n\n" + OperatorLink.CodesGuide)
        {
            Post(surroundings),
        };

    private static Command Post(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var order = new Argument<string>("ORDER")
        {
            Description = "Names the order: the same command with the same name orders nothing more.",
        };
        var region = Needed<uint>("--region", "N", "Where: the region.");
        var depot = Needed<uint>("--depot", "N", "The depot to deliver to.");
        var commodity = Needed<Commodity>("--commodity", "nickel|iron|water|silicate", "What.");
        var total = Needed<double>("--tonnes", "N", "How much.");
        var value = Needed<double>("--credits", "N", "What a lot is worth to the fleet.");
        var until = Needed<double>(
            "--until", "DAY", "By which day of mission time, which 'hanse status' shows; a day may have a "
                + "fraction.");
        var lot = new Option<double>("--lot-tonnes")
        {
            Description = "The lot that prices refer to.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command(
            "post", "Wants so much of a commodity delivered to a depot.\n\n" + OperatorLink.CodesGuide)
        {
            order, region, depot, commodity, total, value, until, lot,
        };
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            BountyPosted posted = await client.PostBountyAsync(
                new PostBountyRequest
                {
                    Order = parsed.GetRequiredValue(order),
                    Region = parsed.GetValue(region),
                    Depot = parsed.GetValue(depot),
                    Kind = WorkKind.Deliver,
                    Commodity = parsed.GetValue(commodity),
                    TotalGrams = Whole(parsed.GetValue(total)),
                    LotGrams = Whole(parsed.GetValue(lot)),
                    LotValueMicros = Whole(parsed.GetValue(value)),
                    DeadlineMicros = Deadline(parsed.GetValue(until)),
                },
                options);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"bounty {posted.Bounty}{(posted.IsRepeated ? ", posted before" : "")}"));
        }, surroundings.Stop));
        return link.On(command);
    }

    // Millionths: grams of tonnes, and micros of credits. What is out of range the server refuses.
    private static long Whole(double value) =>
        value is >= 0 and <= 1e9 ? (long)Math.Round(value * 1e6) : -1;

    // A whole second.
    private static long Deadline(double day) =>
        day is > 0 and <= 1e6 ? (long)Math.Round(day * 86_400) * 1_000_000 : -1;

    private static Option<T> Needed<T>(string name, string form, string description) => new(name)
    {
        Description = description,
        HelpName = form,
        Required = true,
    };
}
