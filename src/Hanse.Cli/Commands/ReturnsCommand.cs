using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Hanse.Cli.Returns;
using Hanse.Cli.Views;
using Hanse.Core.Machine;
using Hanse.Simulation.Returns;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse sim returns</c>: plays returns of honest and of bad nodes and keeps the score.</summary>
internal static class ReturnsCommand
{
    private const int SeedsOfAKind = 200;

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var seeds = new Option<int>("--seeds")
        {
            Description = "Plays so many seeds of every kind.",
            DefaultValueFactory = _ => SeedsOfAKind,
            HelpName = "N",
        };
        var seed = new Option<ulong?>("--seed")
        {
            Description = "The first seed; plays only that one unless --seeds is given.",
            HelpName = "S",
        };
        var kind = new Option<ReturnKind[]>("--kind")
        {
            Description = "Plays only this kind; may be given again. Without it all kinds are played.",
            HelpName = "KIND",
        };
        kind.CustomParser = result =>
            [.. result.Tokens.Select(token => KindOf(token.Value, result.AddError))];
        Option<string> form = new("--output")
        {
            Description = "The form of the score: table or json.",
            DefaultValueFactory = _ => "table",
            HelpName = "table|json",
        };
        form.Aliases.Add("-o");
        _ = form.AcceptOnlyFromAmong("table", "json");
        var command = new Command(
            "returns",
            "Plays returns of honest nodes and of every kind of bad node through the real validation, with "
            + "real signatures, and counts what is found.\n\nKinds: "
            + string.Join(", ", ReturnScoring.Kinds.Select(ReturnNames.Of)) + ".\n\n" + ExitCode.Guide)
        {
            seeds, seed, kind, form,
        };
        command.SetAction(parsed =>
        {
            int count = parsed.GetValue(seed) is not null && parsed.GetResult(seeds)?.Implicit != false
                ? 1 : parsed.GetValue(seeds);
            IReadOnlyList<ReturnKind> kinds = parsed.GetValue(kind) is { Length: > 0 } named
                ? named : ReturnScoring.Kinds;
            ulong first = parsed.GetValue(seed) ?? 1;
            return Play(surroundings, kinds, first, count, parsed.GetValue(form) == "json",
                parsed.InvocationConfiguration);
        });
        return command;
    }

    private static ReturnKind KindOf(string word, Action<string> refuse)
    {
        foreach (ReturnKind kind in ReturnScoring.Kinds)
        {
            if (ReturnNames.Of(kind) == word)
            {
                return kind;
            }
        }

        refuse($"there is no kind '{word}'; name one of "
            + string.Join(", ", ReturnScoring.Kinds.Select(ReturnNames.Of)));
        return default;
    }

    private static int Play(Surroundings surroundings, IReadOnlyList<ReturnKind> kinds, ulong first,
        int count, bool asJson, InvocationConfiguration console)
    {
        using var signatures = new RealSignatures();
        var scoring = new ReturnScoring(signatures);
        var scores = new List<ReturnScore>();
        bool isBroken = false;
        foreach (ReturnKind kind in kinds)
        {
            var score = new ReturnScore { Kind = kind };
            for (int i = 0; i < count && !surroundings.Stop.IsCancellationRequested; i++)
            {
                ulong seed = first + (ulong)i;
                try
                {
                    IReadOnlyList<string> lines = scoring.Play(score, seed);
                    if (count == 1 && !asJson)
                    {
                        console.Output.WriteLine(Line($"{ReturnNames.Of(kind)}, seed {seed}:"));
                        console.Output.WriteLine("  " + string.Join("\n  ", lines));
                    }
                }
                catch (Exception broken) when (broken is BrokenInvariantException or OverflowException)
                {
                    isBroken = true;
                    console.Error.WriteLine(Line($"hanse: {ReturnNames.Of(kind)}: {broken.Message}"));
                    Replay(console.Error, kind, seed);
                }
            }

            scores.Add(score);
            foreach (ulong seed in score.Wrong)
            {
                string what = kind.IsHonest() ? "an honest node is quarantined" : "a bad node is missed";
                console.Error.WriteLine(Line($"hanse: {ReturnNames.Of(kind)}: {what}"));
                Replay(console.Error, kind, seed);
            }
        }

        if (asJson)
        {
            console.Output.WriteLine(ReturnJson.Write([.. scores.Select(ReturnScoreView.Of)]));
        }
        else
        {
            ReturnScoreTable.Write(console.Output, scores);
        }

        return surroundings.Stop.IsCancellationRequested ? ExitCode.Interrupted
            : isBroken || scores.Any(score => score.Wrong.Count > 0 && !score.Kind.IsHonest())
                ? ExitCode.Broken : ExitCode.Fine;
    }

    private static void Replay(TextWriter error, ReturnKind kind, ulong seed) =>
        error.WriteLine(Line($"  ./hanse sim returns --kind {ReturnNames.Of(kind)} --seed {seed}"));

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
