using System;
using System.Collections.Immutable;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Net;
using Hanse.Cli.Serving;
using Hanse.Core.Journal;
using Hanse.IO.Cores;
using Hanse.Simulation.World;

namespace Hanse.Cli.Commands;

/// <summary>The options of commands that serve a mission.</summary>
/// <param name="Data">Where it is kept.</param>
/// <param name="Listen">Where it listens.</param>
/// <param name="Pace">How fast its time runs.</param>
/// <param name="Cores">Which cores nodes may run.</param>
internal sealed record ServeOptions(
    Option<string> Data, Option<string> Listen, Option<double> Pace, Option<string[]> Cores)
{
    /// <summary>Makes them.</summary>
    /// <param name="pace">Mission seconds a second unless told otherwise.</param>
    public static ServeOptions Create(double pace) => new(
        new Option<string>("--data")
        {
            Description = "Where everything is kept that must survive; made if it is not there.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "hanse-data",
        },
        new Option<string>("--listen")
        {
            Description = "Address and port. This machine only, unless told otherwise.",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => "127.0.0.1:7420",
        },
        new Option<double>("--pace")
        {
            Description = "Mission seconds a second.",
            HelpName = "N",
            DefaultValueFactory = _ => pace,
        },
        new Option<string[]>("--core")
        {
            Description = "A core that nodes may run: its measurement, as 'hanse core measure' says it. May "
                + "be given several times. The one that this program itself was started from is approved "
                + "anyway.",
            HelpName = "DIGEST",
        });

    /// <summary>Reads them; says what is wrong with them otherwise.</summary>
    /// <returns>Null when something is.</returns>
    public LiveOptions? Read(
        ParseResult parsed, ScenarioChoice choice, Surroundings surroundings, bool hasFleet)
    {
        TextWriter error = parsed.InvocationConfiguration.Error;
        if (!IPEndPoint.TryParse(parsed.GetRequiredValue(Listen), out IPEndPoint? address)
            || parsed.GetValue(Pace) is not (> 0 and <= 100_000))
        {
            error.WriteLine("hanse: --listen has the form 127.0.0.1:7420, and --pace is up to 100,000");
            return null;
        }

        if (hasFleet && choice.Scenario.Growth.GoesOn)
        {
            error.WriteLine("hanse: a simulated fleet that is served is there from the beginning: set "
                + "growth.commissions to 0, or play the scenario with 'hanse sim run'");
            return null;
        }

        ImmutableArray<Digest>.Builder cores = ImmutableArray.CreateBuilder<Digest>();
        foreach (string text in parsed.GetValue(Cores) ?? [])
        {
            if (text.Length != 64 || !text.All(char.IsAsciiHexDigit)
                || cores.Count + 1 == MissionPlan.CoresMax)
            {
                error.WriteLine(
                    "hanse: --core is a measurement of 64 hexadecimal digits, up to "
                        + $"{MissionPlan.CoresMax - 1} of them");
                return null;
            }

            cores.Add(Digest.From(Convert.FromHexString(text)));
        }

        cores.Add(CoreImage.OfThisProcess().Digest);
        return new LiveOptions
        {
            Cores = cores.ToImmutable(),
            Folder = parsed.GetRequiredValue(Data),
            Scenario = choice.Scenario,
            Pace = parsed.GetValue(Pace),
            HasFleet = hasFleet,
            Listen = address,
            Time = surroundings.Time,
            Log = line => error.WriteLine("hanse: " + line),
        };
    }
}
