using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using Hanse.Cli.Facts;
using Hanse.Cli.Reviews;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Traces;
using Hanse.Cli.Views;
using Hanse.Cli.Wire;
using Hanse.Core.Decisions;
using Hanse.Core.Skills;
using Hanse.IO.Facts;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Skills;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse sim run</c>: plays a scenario and reports.</summary>
internal static class SimCommand
{
    private static readonly TimeSpan _progressEvery = TimeSpan.FromHours(1);

    /// <summary>The command and its neighbours.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("sim", "Plays scenarios in the simulator.")
        {
            Run(surroundings),
            WatchCommand.Create(surroundings),
            ReplayCommand.Create(surroundings),
            SwarmCommand.Create(surroundings),
            ReturnsCommand.Create(surroundings),
            ReturnCommand.Create(),
        };

    private static Command Run(Surroundings surroundings)
    {
        var scenario = new Argument<string>("SCENARIO")
        {
            Description = "A scenario file, or the name of one that 'hanse scenario list' shows.",
        };
        Option<ulong?> seed = ScenarioChoice.SeedOption();
        Option<int?> nodes = ScenarioChoice.NodesOption();
        Option<double?> days = ScenarioChoice.DaysOption();
        Option<string> form = OneOf("--output", "The form of the report: table or json.", "table", "json");
        form.Aliases.Add("-o");
        var trace = new Option<string?>("--trace")
        {
            Description = "Writes everything that every machine was given, remembered and did to a file, "
                + "compressed if its name ends in .gz; 'hanse sim replay' plays it again.",
            HelpName = "FILE",
        };
        var facts = new Option<string?>("--facts")
        {
            Description = "Writes what the hubs and the strategic layer remember to a file, compressed if "
                + "its name ends in .gz, for 'hanse ledger audit' and 'hanse bids explain'.",
            HelpName = "FILE",
        };
        var cases = new Option<string?>("--cases")
        {
            Description = "Writes the cases that are open for an operator at the end to a file, for 'hanse "
                + "review'.",
            HelpName = "FILE",
        };
        Option<string?> reviews = ReviewsOption();
        var oracle = new Option<bool>("--oracle")
        {
            Description = "Plays the same mission with perfect knowledge, to measure the market against: no "
                + "error of sensors, scales, machines and assays, and no node bids on a trip that it would "
                + "not live to finish.",
        };
        Option<string> pricing = OneOf(
            "--pricing", "What nodes ask for their work: built-in, or careless, which leaves the danger of "
                + "losing the machine to wear out of its prices.", "built-in", "careless");
        var skill = new Option<string?>("--pricing-skill")
        {
            Description = "Has nodes ask what a skill says: a module of WebAssembly with 'bid', such as "
                + "skills/pricing/pricing.wasm, which prices as the built-in pricing does.",
            HelpName = "MODULE",
        };
        var release = new Option<string?>("--release-skill")
        {
            Description = "Has releases of skills answer by a module in the sandbox where they are right: "
                + "those for extraction by its 'decide', such as that of skills/extraction/extraction.wasm, "
                + "those for pricing by its 'bid', such as that of skills/pricing/pricing.wasm; both answer "
                + "as the core does. What the module has not, the core answers.",
            HelpName = "MODULE",
        };
        Option<string> progress = OneOf(
            "--progress", "auto shows a line of progress on a terminal; none is silent.", "auto", "none");
        Option<string> wire = OneOf("--wire", "How frames travel: size counts bytes, bytes makes "
            + "them.", "size", "bytes");
        wire.Hidden = true;
        var command = new Command(
            "run", "Plays a scenario to its end and reports. The same scenario and seed make the same "
                + "run, on any machine.\n\n" + ExitCode.Guide)
        {
            scenario, seed, nodes, days, oracle, pricing, skill, release, form, trace, facts, cases,
            reviews, progress,
            wire,
        };
        // What can be played again from a file is the mission as it is, and its cases are of it.
        command.Validators.Add(found =>
        {
            bool isOther = found.GetValue(oracle) || found.GetValue(pricing) == "careless"
                || found.GetValue(skill) is not null;
            if (isOther && (found.GetValue(trace) ?? found.GetValue(cases)
                ?? found.GetValue(reviews)) is not null)
            {
                found.AddError("--oracle, --pricing careless and --pricing-skill go with none of --trace, "
                    + "--cases and --reviews: nobody could play that file again; leave one of them out");
            }

            if (found.GetValue(pricing) == "careless" && found.GetValue(skill) is not null)
            {
                found.AddError("--pricing careless and --pricing-skill are two pricings; leave one out");
            }
        });
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            var overrides = new ScenarioOverrides(
                parsed.GetValue(seed), parsed.GetValue(nodes), parsed.GetValue(days),
                parsed.GetValue(oracle), parsed.GetValue(pricing) == "careless", parsed.GetValue(skill),
                parsed.GetValue(release));
            (ScenarioChoice? choice, int code) =
                ScenarioChoice.Make(surroundings, parsed.GetRequiredValue(scenario), overrides, error);
            if (choice is null)
            {
                return code;
            }

            (ReviewDesk? desk, int refused) = ReadReviews(parsed.GetValue(reviews), choice.Scenario, error);
            if (desk is null)
            {
                return refused;
            }

            bool isWatched = parsed.GetValue(progress) == "auto" && surroundings.ErrorIsTerminal;
            var run = new RunOptions
            {
                Scenario = choice.Scenario,
                Seed = choice.Scenario.Seed,
                ProgressEvery = _progressEvery,
                Reviews = desk,
                IsOracle = overrides.IsOracle,
                Pricing = overrides.IsCareless ? _ => new CarelessPricing() : null,
                FrameCodec = parsed.GetValue(wire) == "bytes" ? new BytesOnTheWire() : null,
            };
            var line = new ProgressLine(isWatched ? error : TextWriter.Null, surroundings.Time);
            PlayOutcome Play(RunOptions options) =>
                PlayWithFacts(surroundings, options, parsed.GetValue(facts), parsed.GetValue(trace), line);
            PlayOutcome? PlayReleases(RunOptions options) => parsed.GetValue(release) is { } deciding
                ? PlayWithSkill(deciding, options, SandboxOf, Play, error) : Play(options);
            PlayOutcome? outcome = parsed.GetValue(skill) is { } bidding
                ? PlayWithSkill(bidding, run, PricedBy, PlayReleases, error) : PlayReleases(run);
            if (outcome is null)
            {
                return ExitCode.Refused;
            }

            line.Clear();
            int told = Tell(
                choice, outcome, parsed.GetValue(form) == "json", parsed.InvocationConfiguration);
            return told == ExitCode.Fine
                ? WriteCases(parsed.GetValue(cases), choice.Scenario, desk, error) : told;
        });
        return command;
    }

    /// <summary>Where words of an operator come from.</summary>
    public static Option<string?> ReviewsOption() => new("--reviews")
    {
        Description = "Gives the words in a file of cases to the hubs when those cases arise.",
        HelpName = "FILE",
    };

    /// <summary>A desk with the words of a file, or an empty one when there is none.</summary>
    /// <returns>No desk, and the exit code, when the file is not about this scenario.</returns>
    public static (ReviewDesk? Desk, int Code) ReadReviews(string? path, Scenario scenario, TextWriter error)
    {
        if (path is null)
        {
            return (new ReviewDesk([]), ExitCode.Fine);
        }

        try
        {
            CasesFile file = CasesFile.Read(path);
            if (file.IsOf(scenario))
            {
                return (file.Desk(), ExitCode.Fine);
            }

            error.WriteLine($"hanse: {path} is about a run of '{file.Scenario}' with another seed, size, "
                + "length or text; play that one, or write a new file with --cases");
            return (null, ExitCode.Refused);
        }
        catch (CasesRefusedException refused)
        {
            error.WriteLine($"hanse: {refused.Message}");
            return (null, ExitCode.Refused);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"hanse: {path} cannot be read: {failure.Message} Write it with --cases first.");
            return (null, ExitCode.Environment);
        }
    }

    /// <summary>Says which words fit no case; a run of another version may have other cases.</summary>
    public static int TellStale(ReviewDesk desk, TextWriter error)
    {
        foreach (OperatorWord word in desk.Stale)
        {
            error.WriteLine($"hanse: the word on case {word.Case.Region.Value}.{word.Case.Case.Number} was "
                + "not given: no such case arose; it may be of another version of this program");
        }

        return desk.Stale.Count == 0 ? ExitCode.Fine : ExitCode.Broken;
    }

    private static int WriteCases(string? path, Scenario scenario, ReviewDesk desk, TextWriter error)
    {
        int code = TellStale(desk, error);
        if (path is null)
        {
            return code;
        }

        try
        {
            CasesFile.Of(scenario, desk).Write(path);
            return code;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"hanse: the cases cannot be written: {failure.Message} Name a file that can.");
            return ExitCode.Environment;
        }
    }

    // On a thread with room for what runs in the sandbox. Null when there is no such skill, which was said.
    private static PlayOutcome? PlayWithSkill(
        string module, RunOptions run, Func<RunOptions, Skill, Action<SkillResult>, RunOptions> with,
        Func<RunOptions, PlayOutcome?> play, TextWriter error)
    {
        if (!File.Exists(module))
        {
            error.WriteLine($"hanse: there is no file {module}; name a module of WebAssembly");
            return null;
        }

        using var engine = new SkillEngine();
        using Skill? skill = SkillCommand.Load(engine, module, HostFunctions.None, error);
        if (skill is null)
        {
            return null;
        }

        var silent = new SortedDictionary<AbstainReason, int>();
        RunOptions skilled = with(
            run, skill, result => silent[result.Reason] = silent.GetValueOrDefault(result.Reason) + 1);
        using var workers = new SkillWorkers(1);
        PlayOutcome? outcome = workers.Run(() => play(skilled)).GetAwaiter().GetResult();
        foreach ((AbstainReason reason, int times) in silent)
        {
            error.WriteLine($"hanse: the skill gave no answer {Figures.Count(times)} times: "
                + SkillCommand.Word(reason));
        }

        return outcome;
    }

    private static RunOptions PricedBy(RunOptions run, Skill skill, Action<SkillResult> hear)
    {
        var pricing = new SkillPricing(skill, hear);
        return run with { Pricing = _ => pricing };
    }

    private static RunOptions SandboxOf(RunOptions run, Skill skill, Action<SkillResult> hear) => run with
    {
        Sandbox = (function, question) =>
        {
            bool isPrice = function == Core.Messages.SkillFunction.Pricing;
            if (!skill.Has(isPrice ? SkillAbi.BidFunction : SkillAbi.DecideFunction))
            {
                return SkillContract.Own(function, question);
            }

            SkillResult result = isPrice
                ? skill.Bid(question.Span, SkillPricing.Budget, NoHost.Instance)
                : skill.Decide(question.Span, SkillBudget.Decision, NoHost.Instance);
            if (!result.IsAnswered)
            {
                hear(result);
            }

            return result.IsAnswered ? result.Answer : null;
        },
    };

    private static PlayOutcome PlayWithFacts(
        Surroundings surroundings, RunOptions run, string? factsPath, string? tracePath, ProgressLine line)
    {
        if (factsPath is null)
        {
            return Play(surroundings, run, tracePath, line);
        }

        try
        {
            var header = new FactsHeader(surroundings.Version, run.Scenario.Name, run.Seed);
            using FactsFile facts = FactsFile.Create(factsPath, header);
            PlayOutcome outcome = Play(surroundings, run with { Facts = facts }, tracePath, line);
            if (outcome is PlayOutcome.Finished)
            {
                facts.Complete();
            }

            return outcome;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new PlayOutcome.Failed($"the facts cannot be written: {failure.Message} Name a file "
                + "that can.");
        }
    }

    private static PlayOutcome Play(Surroundings surroundings, RunOptions run, string? tracePath,
        ProgressLine line)
    {
        if (tracePath is null)
        {
            return Playing.Play(surroundings, run, line.Show);
        }

        try
        {
            var header = new TraceHeader(surroundings.Version, run.Seed, run.Scenario);
            using Stream trace = TraceFile.Create(tracePath, header);
            return Playing.Play(surroundings, run with { Trace = trace }, line.Show);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new PlayOutcome.Failed($"the trace cannot be written: {failure.Message} Name a file "
                + "that can.");
        }
    }

    private static int Tell(ScenarioChoice choice, PlayOutcome outcome, bool asJson,
        InvocationConfiguration console)
    {
        switch (outcome)
        {
            case PlayOutcome.Finished(var report) when asJson:
                console.Output.WriteLine(ReportJson.Write(report));
                return ExitCode.Fine;
            case PlayOutcome.Finished(var report):
                ReportTable.Write(console.Output, report, choice.Replay);
                return ExitCode.Fine;
            default:
                return Unfinished.Tell(outcome, choice.Replay, console.Error);
        }
    }

    // Prices everything but the danger of losing the machine.
    private sealed class CarelessPricing : IPricing
    {
        public PricingAnswer? Price(in PricingInput input) =>
            BuiltInPricing.Instance.Price(input with { Hazard = HazardLaw.None });
    }

    private static Option<string> OneOf(string name, string about, params string[] words)
    {
        var option = new Option<string>(name)
        {
            Description = about,
            DefaultValueFactory = _ => words[0],
            HelpName = string.Join('|', words),
        };
        return option.AcceptOnlyFromAmong(words);
    }
}
