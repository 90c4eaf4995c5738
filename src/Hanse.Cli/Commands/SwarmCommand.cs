using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using Hanse.Cli.Wire;
using Hanse.Core.Machine;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse sim swarm</c>: plays seeds, each with a fleet and a weather of its own, for as long as
/// it is told.</summary>
internal static class SwarmCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var seed = new Option<ulong?>("--seed")
        {
            Description = "Plays this seed; without it the first is drawn afresh.",
            HelpName = "N",
        };
        var seconds = new Option<double?>("--seconds")
        {
            Description = "Begins no further seed after so many seconds.",
            HelpName = "S",
        };
        var count = new Option<int?>("--count")
        {
            Description = "Plays so many seeds; 1 when a seed is named and no time is given.",
            HelpName = "K",
        };
        var command = new Command(
            "swarm",
            "Plays seeds that draw a fleet, rules and faults of their own; each does its worst, heals, and "
            + "must converge. The last line counts them.\n\n" + ExitCode.Guide)
        {
            seed, seconds, count,
        };
        command.SetAction(parsed =>
        {
            ulong? named = parsed.GetValue(seed);
            double? time = parsed.GetValue(seconds);
            int most = parsed.GetValue(count) ?? (time is null ? 1 : int.MaxValue);
            ulong first = named ?? (ulong)RandomNumberGenerator.GetInt32(1, int.MaxValue);
            return Play(surroundings, first, most, time, parsed.InvocationConfiguration);
        });
        return command;
    }

    private static int Play(
        Surroundings surroundings, ulong first, int most, double? seconds, InvocationConfiguration console)
    {
        var codec = new BytesOnTheWire();
        long began = surroundings.Time.GetTimestamp();
        int passed = 0;
        int failed = 0;
        long events = 0;
        console.Output.WriteLine(Invariant($"swarm: seeds from {first}"));
        for (ulong seed = first; passed + failed < most; seed++)
        {
            bool isOver = seconds is { } limit
                && surroundings.Time.GetElapsedTime(began).TotalSeconds >= limit;
            if (isOver || surroundings.Stop.IsCancellationRequested)
            {
                break;
            }

            try
            {
                events += Swarm.Play(seed, codec).Events;
                passed++;
            }
            catch (
                Exception broken) when (
                    broken is BrokenInvariantException or OverflowException or IOException)
            {
                failed++;
                console.Error.WriteLine(Invariant($"hanse: seed {seed}: {broken.Message}"));
                console.Error.WriteLine(Invariant($"  ./hanse sim swarm --seed {seed}"));
            }
        }

        console.Output.WriteLine(Invariant($"swarm: {events} events"));
        console.Output.WriteLine(Invariant($"{passed} passed, {failed} failed"));
        return failed == 0 ? ExitCode.Fine : ExitCode.Broken;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
