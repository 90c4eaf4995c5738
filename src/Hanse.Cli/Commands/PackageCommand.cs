using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hanse.Cli.Keys;
using Hanse.Cli.Views;
using Hanse.Core.Time;
using Hanse.Skills;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Commands;

/// <summary>The part of <c>hanse skill</c> that works on packages: packs, signs, verifies and pushes
/// them.</summary>
internal static class PackageCommand
{
    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Create(Surroundings surroundings) =>
    [
        Pack(), Sign(surroundings), Trust(), Verify(surroundings), Push(surroundings),
        RepoCommand.Create(surroundings),
    ];

    /// <summary>Whether a path is a package's folder rather than a module.</summary>
    public static bool IsPackage(string path) => Directory.Exists(path);

    /// <summary>Reads a package of its own folder.</summary>
    /// <returns>Null when it is refused, which has been said.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SkillPackage? Read(string folder, TextWriter error)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{folder} is no folder");
        }

        var package = SkillPackage.Read(new FolderBundle(folder), out string? refusal);
        if (package is null)
        {
            error.WriteLine($"hanse: {folder} is not taken as a package: {refusal}");
        }

        return package;
    }

    /// <summary>Says what a package is and asks for.</summary>
    public static void Describe(SkillPackage package, TextWriter output)
    {
        CapabilityManifest manifest = package.Manifest;
        string imports = manifest.Imports == HostFunctions.None ? "nothing" : manifest.Imports.ToString();
        string needs = manifest.Capabilities.Count == 0
            ? "nothing" : string.Join(", ", manifest.Capabilities);
        output.WriteLine($"""
            skill      {manifest.Target}, which {(manifest.Kind == SkillKind.Bid ? "bids" : "decides")}
            package    {package.Digest}
            module     {manifest.Module}, {Figures.Count(manifest.ModuleBytes)} bytes
            abi        {manifest.Abi}
            asks for   {imports}
            needs      {needs}
            memory     up to {Figures.Count(manifest.MemoryPages * SkillAbi.PageBytes / 1024)} KiB
            fuel       {Figures.Count(manifest.Fuel)} a call
            may differ {manifest.DivergencePpm} in a million
            lineage    {manifest.Lineage}
            tested     {manifest.Engine}
            """);
    }

    private static Command Pack()
    {
        var module = new Argument<string>("MODULE") { Description = "A file with a module of WebAssembly." };
        var manifest = new Option<string>("--manifest")
        {
            Description = "A file of JSON with name, version and kind (bid or decide), and what else the "
                + "defaults do not fit: capabilities, fuel, lineage, divergence_ppm, imports, memory_pages.",
            HelpName = "FILE",
            Required = true,
        };
        var to = new Option<string>("--to")
        {
            Description = "The folder of the package; it must not be there yet.",
            HelpName = "FOLDER",
            Required = true,
        };
        var command = new Command("pack", "Makes a package of a module and what it says of itself: an image "
            + "layout that any registry of container images can carry. The same input makes the same "
            + "bytes.\n\n" + TrustConsole.CodesGuide)
        {
            module, manifest, to,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(module);
            string folder = parsed.GetRequiredValue(to);
            InvocationConfiguration console = parsed.InvocationConfiguration;
            return JournalCommand.WithFiles(path, console.Error, () =>
            {
                if (Directory.Exists(folder) || File.Exists(folder))
                {
                    console.Error.WriteLine($"hanse: {folder} is there already; give another folder");
                    return ExitCode.Refused;
                }

                byte[] bytes = File.ReadAllBytes(path);
                string source = parsed.GetRequiredValue(manifest);
                var package = SkillPackage.Pack(File.ReadAllBytes(source), bytes, out string? refusal);
                if (package is null)
                {
                    console.Error.WriteLine($"hanse: {path} with {source} makes no package: {refusal}");
                    return ExitCode.Refused;
                }

                package.ToLayout().WriteTo(folder);
                Describe(package, console.Output);
                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Sign(Surroundings surroundings)
    {
        var package = new Argument<string>("PACKAGE") { Description = "The folder of a package." };
        Argument<string> repository = RepoCommand.RepositoryArgument();
        var role = new Option<string>("--role")
        {
            Description = "The role that vouches for it.",
            DefaultValueFactory = _ => TrustFormat.Targets,
            HelpName = "ROLE",
        };
        Option<string[]> keys = KeyRing.Option();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: false);
        var command = new Command("sign", "Puts a package into a repository and has a role vouch for it. "
            + "What the keys at hand cannot sign waits for the others' holders.\n\n"
            + TrustConsole.CodesGuide)
        {
            package, repository, role, keys, at,
        };
        command.SetAction(parsed => RepoCommand.Change(
            parsed, repository, keys, at, surroundings, (opened, error) =>
                Read(parsed.GetRequiredValue(package), error) is { } read
                    ? opened.Add(read, parsed.GetRequiredValue(role)) : null));
        return command;
    }

    private static Command Trust()
    {
        var root = new Argument<string>("ROOT")
        {
            Description = "A file of root that came on a safe way: 1.root.json of the repository's metadata.",
        };
        var state = new Argument<string>("STATE")
        {
            Description = "The file that keeps what is trusted; it must not be there yet.",
        };
        var epoch = new Option<string>("--epoch")
        {
            Description = "The date at which mission time begins.",
            DefaultValueFactory = _ => "1970-01-01T00:00:00Z",
            HelpName = "DATE",
        };
        var command = new Command("trust", "Begins to trust a root, as a node does when it is commissioned. "
            + "All later trust follows from it.\n\n" + TrustConsole.CodesGuide)
        {
            root, state, epoch,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(root);
            string goal = parsed.GetRequiredValue(state);
            InvocationConfiguration console = parsed.InvocationConfiguration;
            return JournalCommand.WithFiles(path, console.Error, () =>
            {
                if (MissionEpoch.Parse(parsed.GetRequiredValue(epoch)) is not { } begins)
                {
                    console.Error.WriteLine("hanse: --epoch: a date is 2040-01-01T00:00:00Z");
                    return ExitCode.Refused;
                }

                var begun = TrustState.Begin(
                    File.ReadAllBytes(path), new MissionEpoch(begins), out string? refusal);
                if (begun is null)
                {
                    console.Error.WriteLine($"hanse: {path} is not taken as a root: {refusal}");
                    return ExitCode.Refused;
                }

                using (var file = new FileStream(goal, FileMode.CreateNew, FileAccess.Write))
                {
                    file.Write(begun.ToBytes());
                }

                console.Output.WriteLine($"{goal}: root {begun.RootVersion}");
                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Verify(Surroundings surroundings)
    {
        Argument<string> skill = SkillArgument("or the folder of a package");
        var repository = RepositoryOption("--repo", "The repository that vouches for it.");
        Option<string> state = StateOption();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: true);
        var grant = new Option<string[]>("--grant")
        {
            Description = "What the node grants: telemetry, propose, clock, random, log. May be given "
                + "several times; all of it unless given.",
            HelpName = "FUNCTION",
        };
        _ = grant.AcceptOnlyFromAmong("telemetry", "propose", "clock", "random", "log");
        var has = new Option<string[]>("--has")
        {
            Description = "A capability that the machine has. May be given several times; whatever is needed "
                + "unless given.",
            HelpName = "NAME",
        };
        var compile = new Option<bool>("--compile")
        {
            Description = "Goes all the way, as a node does: compiles it in a process of its own.",
        };
        var cache = new Option<string?>("--cache")
        {
            Description = "A folder of compiled code that is used again; of your own, not shared.",
            HelpName = "FOLDER",
        };
        var command = new Command("verify", "Checks a skill as a node would before it takes it: signatures, "
            + "digests, what it asks for, its module. What was learnt of newer metadata is kept in the "
            + "state, so that nobody can lead it back.\n\n" + TrustConsole.CodesGuide)
        {
            skill, repository, state, at, grant, has, compile, cache,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            return Checked(
                parsed, skill, repository, state, at, surroundings,
                (SkillPackage? package) => Granted(
                    parsed.GetValue(grant) ?? [], parsed.GetValue(has) ?? [], package),
                parsed.GetValue(compile) || parsed.GetValue(cache) is not null, parsed.GetValue(cache),
                (outcome, _) =>
                {
                    Describe(outcome.Package!, console.Output);
                    console.Output.WriteLine($"trusted    root {outcome.State.RootVersion}, timestamp "
                        + $"{outcome.State.TimestampVersion}, snapshot {outcome.State.SnapshotVersion}");
                    return ExitCode.Fine;
                });
        });
        return command;
    }

    private static Command Push(Surroundings surroundings)
    {
        Argument<string> skill = SkillArgument(null);
        Option<string> from = RepositoryOption("--from", "The repository that has it.");
        var to = RepositoryOption("--to", "The folder it goes to: another repository, or none yet.");
        Option<string> state = StateOption();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: true);
        var command = new Command("push", "Verifies a skill and copies it to another folder, with all the "
            + "metadata that it takes to verify it there, and puts the parcel there that nodes download; an "
            + "order names it by the digest and the length that are said.\n\n" + TrustConsole.CodesGuide)
        {
            skill, from, to, state, at,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string goal = parsed.GetRequiredValue(to);
            return Checked(
                parsed, skill, from, state, at, surroundings, _ => null, false, null, (outcome, source) =>
                {
                    if (Mirror.Push(outcome, source, goal, out Parcel? parcel) is { } refusal)
                    {
                        console.Error.WriteLine($"hanse: nothing was pushed: {refusal}");
                        return ExitCode.Refused;
                    }

                    console.Output.WriteLine($"{goal}: {outcome.Package!.Manifest.Target}");
                    console.Output.WriteLine($"release    {parcel!.Digest}, {parcel.Bytes.Length} bytes");
                    return ExitCode.Fine;
                });
        });
        return command;
    }

    // Checks a skill, keeps what was learnt, and goes on with what is admitted.
    private static int Checked(
        ParseResult parsed, Argument<string> skill, Option<string> repository, Option<string> state,
        Option<string?> at, Surroundings surroundings, Func<SkillPackage?, NodeGrant?> grant, bool isCompiled,
        string? cache, Func<AdmissionOutcome, string, int> then)
    {
        InvocationConfiguration console = parsed.InvocationConfiguration;
        string path = parsed.GetRequiredValue(state);
        string folder = parsed.GetRequiredValue(repository);
        string name = parsed.GetRequiredValue(skill);
        return JournalCommand.WithFiles(path, console.Error, () =>
        {
            SkillPackage? package = IsPackage(name) ? Read(name, console.Error) : null;
            if (IsPackage(name) && package is null)
            {
                return ExitCode.Refused;
            }

            TrustState? trusted = TrustConsole.State(path, console.Error);
            if (trusted is null || TrustConsole.Mission(
                parsed.GetValue(at), trusted.Epoch, surroundings.Time, console.Error) is not { } now)
            {
                return ExitCode.Refused;
            }

            var opened = new SkillRepository(folder, [], 0);
            IBundle layout = package is null ? opened.Layout : new FolderBundle(name);
            string target = package?.Manifest.Target ?? name;
            AdmissionOutcome outcome = SkillAdmission.Check(
                trusted, opened.Metadata, layout, target, now, null);
            if (outcome.Stage == AdmissionStage.Admitted && grant(outcome.Package) is { } granted)
            {
                outcome = Admit(trusted, opened.Metadata, layout, target, now, granted, isCompiled, cache);
            }

            FolderBundle.Write(
                Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path),
                outcome.State.ToBytes());
            if (outcome.Stage == AdmissionStage.Admitted)
            {
                return then(outcome, folder);
            }

            console.Error.WriteLine($"hanse: {target} is not admitted ({Word(outcome)}): {outcome.Refusal}");
            return ExitCode.Broken;
        });
    }

    private static AdmissionOutcome Admit(
        TrustState trusted, IBundle metadata, IBundle layout, string target, Instant now, NodeGrant grant,
        bool isCompiled, string? cache)
    {
        if (!isCompiled)
        {
            return SkillAdmission.Check(trusted, metadata, layout, target, now, grant);
        }

        using var engine = new SkillEngine();
        CompileWorker worker = SkillCommand.Compiler();
        var door = new SkillAdmission(
            engine, grant,
            (ReadOnlySpan<byte> module, out string? refusal) => worker.Compile(module, out refusal),
            cache is null ? null : new CompiledCache(cache));
        AdmissionOutcome outcome = door.Admit(trusted, metadata, layout, target, now);
        outcome.Skill?.Dispose();
        return outcome with { Skill = null };
    }

    private static NodeGrant Granted(string[] functions, string[] has, SkillPackage? package)
    {
        HostFunctions granted = functions.Length == 0 ? (HostFunctions)31
            : functions.Select(name => Enum.Parse<HostFunctions>(name, ignoreCase: true))
                .Aggregate((a, b) => a | b);
        return new NodeGrant(granted, new SortedSet<string>(
            has.Length == 0 ? package?.Manifest.Capabilities ?? [] : has, StringComparer.Ordinal));
    }

    /// <summary>The stage, or the more exact reason: too few signatures.</summary>
    public static string Word(AdmissionOutcome outcome)
    {
        string word = outcome.Reason == TrustReason.None
            ? outcome.Stage.ToString() : outcome.Reason.ToString();
        return string.Concat(word.Select((letter, at) => at > 0 && char.IsUpper(letter)
            ? " " + char.ToLowerInvariant(letter) : char.ToLowerInvariant(letter).ToString()));
    }

    private static Argument<string> SkillArgument(string? or) => new("SKILL")
    {
        Description = "Name and version of a skill in the repository, pricing/1.2.0"
            + (or is null ? "." : ", " + or + "."),
    };

    private static Option<string> RepositoryOption(string name, string about) =>
        new(name) { Description = about, HelpName = "FOLDER", Required = true };

    private static Option<string> StateOption() => new("--trust")
    {
        Description = "What is trusted: a file that 'hanse skill trust' began.",
        HelpName = "STATE",
        Required = true,
    };
}
