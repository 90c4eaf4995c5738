using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using Hanse.Cli.Telemetry;
using Hanse.Cli.Views;
using Hanse.Core.Series;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse telemetry</c>: what reporting against a shared model would save on recorded
/// telemetry.</summary>
internal static class TelemetryCommand
{
    private const decimal BandUsual = 0.1m;

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("telemetry", "Works on recorded telemetry.") { Evaluate(surroundings) };

    private static Command Evaluate(Surroundings surroundings)
    {
        var files = new Argument<string[]>("FILES")
        {
            Description = "CSV files with the columns 't' or 'timestamp', 'value' and perhaps 'cmd'; or "
                + "folders of them. X_train.csv shows what is normal for X_test.csv; without it the first "
                + "quarter of a file does.",
            Arity = ArgumentArity.OneOrMore,
        };
        var band = new Option<decimal>("--band")
        {
            Description = "The dead band: no value is told with a greater error. Default 0.1.",
            HelpName = "B",
            CustomParser = Band,
            DefaultValueFactory = _ => BandUsual,
        };
        var labels = new Option<string?>("--labels")
        {
            Description = "What experts called anomalous; labels.csv beside the files unless given.",
            HelpName = "FILE",
        };
        var window = new Option<int>("--window")
        {
            Description = "Samples told in one contact window, up to 65536. Default 65536: all at once.",
            HelpName = "N",
            CustomParser = Window,
            DefaultValueFactory = _ => SeriesWindow.SamplesMax,
        };
        var noCommands = new Option<bool>("--no-commands")
        {
            Description = "Leaves the column 'cmd' aside, as if the receiver did not know the plan.",
        };
        var form = new Option<string>("--output", "-o")
        {
            Description = "The form of the report: table or json.",
            DefaultValueFactory = _ => "table",
            HelpName = "table|json",
        };
        _ = form.AcceptOnlyFromAmong("table", "json");
        var command = new Command(
            "evaluate", "Tells recorded series from a node to a hub, and says what that took: entries, "
                + "bytes, the greatest error after decoding; and which labelled anomalies a monitor "
                + "that has learned what is normal would have found.\n\n" + ExitCode.Guide)
        {
            files, band, labels, window, noCommands, form,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            var options = new Request(
                SeriesFiles.Sort(parsed.GetRequiredValue(files), parsed.GetValue(labels)),
                new FixedPoint(parsed.GetValue(band)),
                parsed.GetValue(window),
                !parsed.GetValue(noCommands));
            (TelemetryReport? report, int code) = Run(surroundings, options, console.Error);
            if (report is not null && parsed.GetValue(form) == "json")
            {
                console.Output.WriteLine(TelemetryJson.Write(report));
            }
            else if (report is not null)
            {
                TelemetryTable.Write(console.Output, report);
            }

            return code;
        });
        return command;
    }

    private static (TelemetryReport? Report, int ExitCode) Run(Surroundings surroundings, Request request,
        TextWriter error)
    {
        if (request.Series.Count == 0)
        {
            error.WriteLine("hanse: there is no series among the files; name CSV files or a folder of them");
            return (null, ExitCode.Environment);
        }

        var evaluation = new Evaluation(request.Scale, request.WindowSamples, request.CommandsKnown);
        var channels = new List<ChannelFigures>();
        int code = ExitCode.Fine;
        foreach (SeriesFile series in request.Series)
        {
            if (surroundings.Stop.IsCancellationRequested)
            {
                error.WriteLine("hanse: ended by Ctrl-C; nothing is reported");
                return (null, ExitCode.Interrupted);
            }

            try
            {
                channels.Add(evaluation.Evaluate(series));
            }
            catch (TelemetryRefusedException refused)
            {
                error.WriteLine(refused.Message);
                code = Math.Max(code, ExitCode.Refused);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                error.WriteLine($"hanse: {series.File} cannot be read: {failure.Message}");
                code = ExitCode.Environment;
            }
        }

        if (code != ExitCode.Fine)
        {
            error.WriteLine("hanse: nothing is reported, since a total without these files would mislead");
            return (null, code);
        }

        return (new TelemetryReport
        {
            Band = request.Scale.Band,
            WindowSamples = request.WindowSamples,
            CommandsKnown = request.CommandsKnown,
            Channels = channels,
            Total = Evaluation.Total(channels),
        }, code);
    }

    private static decimal Band(ArgumentResult found)
    {
        if (FixedPoint.TryParse(found.Tokens[0].Value, out decimal band)
            && band is >= FixedPoint.BandMin and <= FixedPoint.BandMax)
        {
            return band;
        }

        found.AddError($"--band: '{found.Tokens[0].Value}' is not allowed; allowed: 1e-12 to 1e12");
        return BandUsual;
    }

    private static int Window(ArgumentResult found)
    {
        string word = found.Tokens[0].Value;
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count is >= 1 and <= SeriesWindow.SamplesMax)
        {
            return count;
        }

        found.AddError($"--window: '{found.Tokens[0].Value}' is not allowed; allowed: 1 to "
            + $"{SeriesWindow.SamplesMax}");
        return SeriesWindow.SamplesMax;
    }

    private sealed record Request(IReadOnlyList<SeriesFile> Series, FixedPoint Scale, int WindowSamples,
        bool CommandsKnown);
}
