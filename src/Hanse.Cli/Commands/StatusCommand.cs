using System.CommandLine;
using System.Globalization;
using System.IO;
using Google.Protobuf;
using Hanse.Cli.Operators;
using Hanse.Server.V1;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse status</c>: how a mission stands that is being served.</summary>
internal static class StatusCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var form = new Option<string>("--output", "-o")
        {
            Description = "The form: table or json.",
            HelpName = "table|json",
            DefaultValueFactory = _ => "table",
        };
        var command = new Command(
            "status", "Says how a mission stands that 'hanse serve' serves.\n\n" + OperatorLink.CodesGuide)
        {
            form.AcceptOnlyFromAmong("table", "json"),
        };
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            Mission mission = await client.GetMissionAsync(new GetMissionRequest(), options);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(form) == "json")
            {
                output.WriteLine(new JsonFormatter(
                    JsonFormatter.Settings.Default.WithFormatDefaultValues(true)).Format(mission));
            }
            else
            {
                Write(mission, output);
            }
        }, surroundings.Stop));
        return link.On(command);
    }

    private static void Write(Mission mission, TextWriter output)
    {
        output.WriteLine(mission.Title);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"day {OperatorLink.Day(mission.TimeMicros)} at {mission.Pace:0.##} mission seconds a second"
                + $"{(mission.IsDraining ? ", about to end" : "")}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{mission.NodesEnrolled} nodes enrolled, {mission.Streams} streams; {mission.CallsTaken} calls "
                + $"taken, {mission.CallsRefused} refused; {mission.BountiesPosted} bounties posted, "
                + $"{mission.Failures} failures"));
        output.WriteLine($"{"hub",5} {"nodes",7} {"bounties",9} {"contracts",10} {"cases",6}  state");
        foreach (Hub hub in mission.Hubs)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{hub.Region,5} {hub.Nodes,7} {hub.Bounties,9} {hub.Contracts,10} {hub.Cases,6}  ")
                + State(hub));
        }
    }

    private static string State(Hub hub) =>
        (hub.Name.Length > 0 ? hub.Name + ": " : "")
        + (hub.Successor > 0 ? RegionCommand.TakenOver(hub)
            : hub.IsEnded ? "its authority is over"
            : !hub.IsRunning ? "being started anew"
            : !hub.IsBalanced ? "BOOKS DO NOT BALANCE"
            : hub.Epoch == 0 ? "waits for its charter"
            : hub.IsQuarantined ? "its return waits for an operator" : "fine");
}
