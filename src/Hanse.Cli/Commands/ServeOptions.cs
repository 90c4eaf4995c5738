using System.CommandLine;
using System.IO;
using System.Net;
using Hanse.Cli.Serving;

namespace Hanse.Cli.Commands;

/// <summary>The options of commands that serve a mission.</summary>
/// <param name="Data">Where it is kept.</param>
/// <param name="Listen">Where it listens.</param>
/// <param name="Pace">How fast its time runs.</param>
internal sealed record ServeOptions(Option<string> Data, Option<string> Listen, Option<double> Pace)
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

        return new LiveOptions
        {
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
