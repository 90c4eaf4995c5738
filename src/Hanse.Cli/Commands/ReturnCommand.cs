using System;
using System.Collections.Immutable;
using System.CommandLine;
using System.IO;
using Hanse.Cli.Returns;
using Hanse.Cli.Views;
using Hanse.Core.Machine;
using Hanse.Simulation.Returns;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse sim return</c>: measures what one node's return costs its hub.</summary>
internal static class ReturnCommand
{
    private const int RunsDefault = 5;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var profile = new Option<string>("--profile")
        {
            Description = "quiet reports 0.3 % of its samples, noisy 14 %.",
            DefaultValueFactory = _ => ReturnProfile.Quiet.Name,
            HelpName = "quiet|noisy",
        };
        _ = profile.AcceptOnlyFromAmong(ReturnProfile.Quiet.Name, ReturnProfile.Noisy.Name);
        var days = new Option<int>("--days")
        {
            Description = "Days the node was away, 2 to 40.",
            DefaultValueFactory = _ => 30,
            HelpName = "D",
        };
        days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 2 or > 40)
            {
                result.AddError("--days must be from 2 to 40");
            }
        });
        var seed = new Option<ulong>("--seed")
        {
            Description = "The node's life follows from it.",
            DefaultValueFactory = _ => 1,
            HelpName = "S",
        };
        var runs = new Option<int>("--runs")
        {
            Description = "Validates so often and states the best.",
            DefaultValueFactory = _ => RunsDefault,
            HelpName = "N",
        };
        var airtime = new Option<bool>("--airtime")
        {
            Description = "Adds bytes and hours on a shared channel with real windows.",
        };
        Option<string> form = new("--output")
        {
            Description = "The form of the figures: table or json.",
            DefaultValueFactory = _ => "table",
            HelpName = "table|json",
        };
        form.Aliases.Add("-o");
        _ = form.AcceptOnlyFromAmong("table", "json");
        var command = new Command(
            "return",
            "Measures the return of one node, end to end on one core: every byte of its journal, real "
            + "signatures, decisions taken again, raw leaves audited.\n\n" + ExitCode.Guide)
        {
            profile, days, seed, runs, airtime, form,
        };
        command.SetAction(parsed =>
        {
            ReturnProfile chosen = parsed.GetValue(profile) == ReturnProfile.Noisy.Name
                ? ReturnProfile.Noisy : ReturnProfile.Quiet;
            return Measure(
                chosen with { Length = TimeSpan.FromDays(parsed.GetValue(days)) },
                parsed.GetValue(seed), Math.Max(1, parsed.GetValue(runs)), parsed.GetValue(airtime),
                parsed.GetValue(form) == "json", parsed.InvocationConfiguration);
        });
        return command;
    }

    private static int Measure(ReturnProfile profile, ulong seed, int runs, bool withAirtime, bool asJson,
        InvocationConfiguration console)
    {
        ImmutableArray<AirtimeLine> airtime = [];
        ReturnFigures figures;
        try
        {
            using var signatures = new RealSignatures();
            figures = ReturnMeasure.Play(profile, seed, signatures, runs);
            if (withAirtime)
            {
                string folder = Path.Combine(AppContext.BaseDirectory, "data", "contacts");
                airtime = [.. ReturnMeasure.Airtime(figures, SharedChannel.Load(folder))];
            }
        }
        catch (Exception failure) when (failure is BrokenInvariantException or OverflowException)
        {
            console.Error.WriteLine($"hanse: {failure.Message}");
            return ExitCode.Broken;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            console.Error.WriteLine($"hanse: {failure.Message} Install the program's data folder.");
            return ExitCode.Environment;
        }

        if (asJson)
        {
            console.Output.WriteLine(ReturnJson.Write(new ReturnCostView(figures, airtime)));
        }
        else
        {
            ReturnCostTable.Write(console.Output, figures, airtime);
        }

        return ExitCode.Fine;
    }
}
