using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text;
using Hanse.Cli.Cores;
using Hanse.Cli.Keys;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Serving;
using Hanse.Core.Journal;
using Hanse.IO.Cores;
using Hanse.IO.Gateway;
using Hanse.Simulation.World;
using Hanse.Skills.Packages;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse core</c>: images of what decides on a node.</summary>
internal static class CoreCommand
{
    private const string TargetFile = "target";

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) => new(
        "core", "Images of what decides on a node: measured, packed, put together.")
    {
        Measure(),
        Pack(),
        Sign(surroundings),
        Push(surroundings),
        Replay(surroundings),
        Rescue(),
    };

    private static Command Rescue()
    {
        var package = new Argument<string?>("PACKAGE")
        {
            Description = "The file that 'hanse core push' made: parcels/DIGEST.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var depot = new Option<bool>("--depot") { Description = "They are to come to a depot instead." };
        var nothing = new Option<bool>("--none") { Description = "There is nothing for them any more." };
        var data = new Option<string>("--data")
        {
            Description = "The server's data folder.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "hanse-data",
        };
        var command = new Command(
            "rescue", "Says what machines are told that no hub has understood for long: which core they are "
                + "to fetch and start. A running server goes by it at once.\n\n" + ExitCode.Guide)
        {
            package, depot, nothing, data,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string? path = parsed.GetValue(package);
            if ((path is null ? 0 : 1) + (parsed.GetValue(depot) ? 1 : 0) + (parsed.GetValue(nothing) ? 1 : 0)
                != 1)
            {
                console.Error.WriteLine("hanse: name a package, or --depot, or --none");
                return ExitCode.Refused;
            }

            string folder = parsed.GetRequiredValue(data);
            return JournalCommand.WithFiles(folder, console.Error, () =>
            {
                string word = parsed.GetValue(depot) ? "depot" : "none";
                string rescue = Path.Combine(folder, "rescue");
                if (path is not null)
                {
                    byte[] bytes = File.ReadAllBytes(path);
                    if (Parcel.Read(bytes, out string? refusal) is not { } parcel
                        || !parcel.Target.StartsWith(Parcel.CoreFamily, StringComparison.Ordinal))
                    {
                        console.Error.WriteLine(
                            $"hanse: '{path}' is no package of a core: {refusal ?? "it is another skill's"}");
                        return ExitCode.Refused;
                    }

                    word = parcel.Digest.ToString();
                    FolderBundle.Write(rescue, word, bytes);
                }

                FolderBundle.Write(rescue, RescueDesk.CurrentFile, Encoding.ASCII.GetBytes(word + "\n"));
                console.Output.WriteLine(word);
                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Pack()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Where the image lies." };
        var version = new Option<string>("--version-of-core")
        {
            Description = "What it is called: 1.3.0.",
            HelpName = "VERSION",
            Required = true,
        };
        var since = new Option<string?>("--since")
        {
            Description = "The image that nodes run now. They take from it what the new one has of it, and "
                + "only the rest is packed.",
            HelpName = "FOLDER",
        };
        var to = new Option<string>("--to")
        {
            Description = "The folder of the package; it must not be there yet.",
            HelpName = "FOLDER",
            Required = true,
        };
        var command = new Command(
            "pack", "Packs an image of the core: the list of its files, by which it is measured and named, "
                + "and those that nodes do not have.\n\n" + TrustConsole.CodesGuide)
        {
            folder, version, since, to,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string goal = parsed.GetRequiredValue(to);
            return JournalCommand.WithFiles(goal, console.Error, () =>
            {
                string name = CorePackage.Family + parsed.GetRequiredValue(version);
                if (Directory.Exists(goal) || File.Exists(goal))
                {
                    console.Error.WriteLine($"hanse: {goal} is there already; give another folder");
                    return ExitCode.Refused;
                }

                (CoreImage image, MemoryBundle files) = CorePackage.Pack(
                    parsed.GetRequiredValue(folder), parsed.GetValue(since));
                files[TargetFile] = Encoding.ASCII.GetBytes($"{name} {image.Digest}");
                files.WriteTo(goal);
                console.Output.WriteLine($"{name} {image.Digest}, {image.Files.Length} files");
                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Sign(Surroundings surroundings)
    {
        var package = new Argument<string>("PACKAGE") { Description = "The folder of a packed image." };
        Argument<string> repository = RepoCommand.RepositoryArgument();
        var role = new Option<string>("--role")
        {
            Description = "The role that vouches for it: one that takes two keys.",
            DefaultValueFactory = _ => "core",
            HelpName = "ROLE",
        };
        Option<string[]> keys = KeyRing.Option();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: false);
        var command = new Command("sign", "Puts an image into a repository and has a role vouch for it. What "
            + "the keys at hand cannot sign waits for the others' holders ('hanse skill repo sign').\n\n"
            + TrustConsole.CodesGuide)
        {
            package, repository, role, keys, at,
        };
        command.SetAction(parsed => RepoCommand.Change(
            parsed, repository, keys, at, surroundings, (opened, error) =>
            {
                var folder = new FolderBundle(parsed.GetRequiredValue(package));
                byte[] named = folder.Read(TargetFile, 256, out _) ?? [];
                string[] words = Encoding.ASCII.GetString(named).Split(' ');
                string? refusal = "it is no packed image";
                MemoryBundle? files = words is [_, { Length: 64 } hex] && hex.All(char.IsAsciiHexDigit)
                    ? CorePackage.Load(folder, Digest.From(Convert.FromHexString(hex)), out refusal) : null;
                if (files is null)
                {
                    error.WriteLine($"hanse: {parsed.GetRequiredValue(package)}: {refusal}");
                    return null;
                }

                string list = Parcel.NameOf(Digest.From(Convert.FromHexString(words[1])));
                return opened.Vouch(words[0], files[list], files, parsed.GetRequiredValue(role));
            }));
        return command;
    }

    private static Command Push(Surroundings surroundings)
    {
        var name = new Argument<string>("CORE") { Description = "Name and version of an image: core/1.3.0." };
        var from = new Option<string>("--from")
        {
            Description = "The repository that has it.",
            HelpName = "FOLDER",
            Required = true,
        };
        var to = new Option<string>("--to")
        {
            Description = "The folder that 'hanse serve --packages' hands out of.",
            HelpName = "FOLDER",
            Required = true,
        };
        var state = new Option<string>("--trust")
        {
            Description = "What is trusted: a file that 'hanse skill trust' began.",
            HelpName = "STATE",
            Required = true,
        };
        Option<string?> at = TrustConsole.AtOption(hasEpoch: true);
        var command = new Command("push", "Verifies an image and puts what nodes download of it where hubs "
            + "hand it out; an order names it by the measurement and the length that are said.\n\n"
            + TrustConsole.CodesGuide)
        {
            name, from, to, state, at,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string goal = parsed.GetRequiredValue(to);
            return JournalCommand.WithFiles(goal, console.Error, () =>
            {
                if (TrustConsole.State(parsed.GetRequiredValue(state), console.Error) is not { } trusted
                    || TrustConsole.Mission(
                        parsed.GetValue(at), trusted.Epoch, surroundings.Time, console.Error) is not { } now)
                {
                    return ExitCode.Refused;
                }

                string target = parsed.GetRequiredValue(name);
                if (CorePackage.ParcelOf(
                    parsed.GetRequiredValue(from), target, trusted, now, out _, out string? refusal)
                    is not { } parcel)
                {
                    console.Error.WriteLine($"hanse: {target} is not pushed: {refusal}");
                    return ExitCode.Broken;
                }

                string file = Parcel.FileName(parcel.Image);
                if (File.Exists(Path.Combine(goal, file)))
                {
                    console.Error.WriteLine(
                        $"hanse: {goal} has {file} already, and what is downloaded must not change on its "
                            + $"way");
                    return ExitCode.Refused;
                }

                FolderBundle.Write(goal, file, parcel.Bytes);
                console.Output.WriteLine($"{goal}: {target}");
                console.Output.WriteLine($"core       {parcel.Image}, {parcel.Bytes.Length} bytes");
                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Replay(Surroundings surroundings)
    {
        var asked = new Argument<string>("SCENARIO") { Description = "The mission that the node is of." };
        Option<ulong?> seed = ScenarioChoice.SeedOption();
        Option<int?> nodes = ScenarioChoice.NodesOption();
        Option<double?> days = ScenarioChoice.DaysOption();
        var data = new Option<string>("--data")
        {
            Description = "The agent's folder.",
            HelpName = "FOLDER",
            Required = true,
        };
        var until = new Option<long?>("--until") { Description = "The last batch to read.", HelpName = "N" };
        var command = new Command(
            "replay", "Reads an agent's memory again, changes nothing, and says what this core makes of it, "
                + "beside the agent that runs: what a new image has to say as well before it is started.\n\n"
                + ExitCode.Guide)
        {
            asked, seed, nodes, days, data, until,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            var overrides = new ScenarioOverrides(
                parsed.GetValue(seed), parsed.GetValue(nodes), parsed.GetValue(days));
            (ScenarioChoice? choice, int code) = ScenarioChoice.Make(
                surroundings, parsed.GetRequiredValue(asked), overrides, console.Error);
            return choice is null ? code : UntilEnded.Run(
                stop => CoreReplay.RunAsync(
                    MissionPlan.Of(choice.Scenario, choice.Scenario.Seed), parsed.GetRequiredValue(data),
                    parsed.GetValue(until), console.Output, stop),
                surroundings, console.Error);
        });
        return command;
    }

    private static Command Measure()
    {
        var folder = new Argument<string?>("FOLDER")
        {
            Description = "What a node is started from; without it, what this program was started from.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "measure", "Says the measurement of an image: what a node that runs it attests, and what "
                + "'hanse serve --core' and an order name.\n\n" + ExitCode.Guide)
        {
            folder,
        };
        command.SetAction(parsed =>
        {
            try
            {
                CoreImage image = parsed.GetValue(folder) is { } named
                    ? CoreImage.Of(named) : CoreImage.OfThisProcess();
                parsed.InvocationConfiguration.Output.WriteLine(image.Digest);
                return ExitCode.Fine;
            }
            catch (IOException failure)
            {
                parsed.InvocationConfiguration.Error.WriteLine("hanse: " + failure.Message);
                return ExitCode.Environment;
            }
        });
        return command;
    }
}
