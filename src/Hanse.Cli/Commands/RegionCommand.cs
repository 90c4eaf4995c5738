using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using Grpc.Core;
using Hanse.Cli.Operators;
using Hanse.Server.V1;
using OperationsClient = Hanse.Server.V1.Operations.OperationsClient;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse region</c>: hubs of a mission that is being served, their authority and their
/// successors.</summary>
internal static class RegionCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("region", "Hubs of a mission that 'hanse serve' serves: their authority, and who takes over from "
            + "one that is lost.\n\n" + OperatorLink.CodesGuide)
        {
            List(surroundings),
            Adopt(surroundings),
            Of(
                surroundings, "end", "Ends the authority of region N: its hub gives no more work. What runs "
                    + "goes on to its end and is paid, and what is left comes home.",
                (client, region, options) => client.OrderCharterAsync(
                    new OrderCharterRequest { Region = region, Order = OrderCharterRequest.Types.Order.End },
                    options)),
            Of(
                surroundings, "give", "Gives region N an authority again, under the next epoch.",
                (client, region, options) => client.OrderCharterAsync(
                    new OrderCharterRequest { Region = region, Order = OrderCharterRequest.Types.Order.Give },
                    options)),
            Of(
                surroundings, "forbid", "Forbids that region N is given up without an order, however long "
                    + "its hub is silent.",
                (client, region, options) => client.KeepRegionAsync(
                    new KeepRegionRequest { Region = region, IsKept = true }, options)),
            Of(
                surroundings, "allow", "Allows again that region N is given up when its hub is silent for as "
                    + "long as the mission says.",
                (client, region, options) => client.KeepRegionAsync(
                    new KeepRegionRequest { Region = region, IsKept = false }, options)),
        };

    /// <summary>Who has what it had, and why.</summary>
    internal static string TakenOver(Hub hub) => string.Create(
        CultureInfo.InvariantCulture,
        $"taken over by {hub.Successor}{(hub.IsAbandoned ? ", since it was silent" : "")}");

    private static Command List(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var command = new Command(
            "list", "Lists hubs: their authority, when the strategic layer heard them last, and for how long "
                + "they could have called since and did not.\n\n" + OperatorLink.CodesGuide);
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            HubList list = await client.ListHubsAsync(new ListHubsRequest(), options);
            TextWriter output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"{"hub",5} {"epoch",6} {"nodes",7} {"heard",9} {"silent",8}  state");
            foreach (Hub hub in list.Hubs)
            {
                Write(hub, output);
            }
        }, surroundings.Stop));
        return link.On(command);
    }

    private static Command Adopt(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var number = new Argument<uint>("N") { Description = "The region that is given up." };
        var successor = new Option<uint>("--successor")
        {
            Description = "The region whose hub takes over.",
            HelpName = "N",
            Required = true,
        };
        var command = new Command(
            "adopt", "Gives up region N, whose hub is lost or not to be trusted: another hub has its nodes, "
                + "its bounties and their escrow, as its last accepted books say. It cannot be undone.\n\n"
                + OperatorLink.CodesGuide)
        {
            number, successor,
        };
        command.SetAction(parsed => link.Call(parsed, async (client, options) => Write(
            await client.AdoptRegionAsync(
                new AdoptRegionRequest
                {
                    Region = parsed.GetValue(number),
                    Successor = parsed.GetValue(successor),
                },
                options),
            parsed.InvocationConfiguration.Output), surroundings.Stop));
        return link.On(command);
    }

    private static Command Of(
        Surroundings surroundings, string name, string about,
        Func<OperationsClient, uint, CallOptions, AsyncUnaryCall<Hub>> order)
    {
        var link = new OperatorLink();
        var number = new Argument<uint>("N") { Description = "The region's number, from 1." };
        var command = new Command(name, about + "\n\n" + OperatorLink.CodesGuide) { number };
        command.SetAction(parsed => link.Call(parsed, async (client, options) => Write(
            await order(client, parsed.GetValue(number), options), parsed.InvocationConfiguration.Output),
            surroundings.Stop));
        return link.On(command);
    }

    private static void Write(Hub hub, TextWriter output) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{hub.Region,5} {hub.Epoch,6} {hub.Nodes,7} {Heard(hub),9} {Days(hub.SilenceMicros),8}  ")
        + State(hub));

    private static string Heard(Hub hub) =>
        hub.LastHeardMicros == 0 ? "never" : "day " + Days(hub.LastHeardMicros);

    private static string Days(long micros) =>
        TimeSpan.FromMicroseconds(micros).TotalDays.ToString("0.0", CultureInfo.InvariantCulture);

    private static string State(Hub hub) =>
        (hub.Successor > 0 ? TakenOver(hub)
            : hub.Epoch == 0 ? "waits for its charter"
            : hub.IsEnded ? "its authority is over" : "has authority")
        + (hub.IsKept ? ", given up by order only" : "");
}
