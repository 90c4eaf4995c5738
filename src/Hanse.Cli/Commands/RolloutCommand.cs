using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Google.Protobuf;
using Hanse.Cli.Cores;
using Hanse.Cli.Keys;
using Hanse.Cli.Operators;
using Hanse.Cli.Releases;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.Server.V1;
using Hanse.Skills;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;
using CoreFunction = Hanse.Core.Messages.SkillFunction;
using Rollout = Hanse.Core.Skills.Rollout;
using RolloutClass = Hanse.Server.V1.RolloutClass;
using Word = Hanse.Server.V1.CommandRolloutRequest.Types.Command;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse rollout</c>: brings releases to the nodes of a mission that is being served.</summary>
internal static class RolloutCommand
{
    private const string FilesGuide =
        "Exit codes: 0 fine; 2 the command line or a file is wrong, nothing was changed; 3 a file cannot be "
            + "read or written.";

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("rollout", "Brings a release of a skill to the nodes of a mission, class by class: 'new' writes "
            + "the order, those who answer for it 'sign' it with keys that the server has not, and 'order' "
            + "sends it.")
        {
            New(),
            Show(),
            Sign(),
            Order(surroundings),
            List(surroundings),
            Say(surroundings, "pause", Word.Pause, "Offers a rollout to nobody new."),
            Say(surroundings, "resume", Word.Resume, "Has a rollout go on that was paused."),
            Say(
                surroundings, "abort", Word.Abort,
                "Calls a rollout back from everybody: nodes go back to what decided before as soon as they "
                    + "hear of it. It cannot be undone."),
        };

    private static Command New()
    {
        Argument<string> path = FileArgument("A file that must not be there yet.");
        var packages = new Option<string>("--packages")
        {
            Description = "The folder that 'hanse skill push' filled, as the server has it.",
            HelpName = "FOLDER",
            Required = true,
        };
        var release = new Option<string>("--release")
        {
            Description = "The release: its digest as 'hanse skill push' says it.",
            HelpName = "DIGEST",
            Required = true,
        };
        var number = new Option<uint>("--number")
        {
            Description = "The order's number, from 1: one that no other order of the mission has.",
            HelpName = "N",
            Required = true,
        };
        var classes = new Option<int[]>("--classes")
        {
            Description = "Capability classes that have what it needs: it goes on, and stops, with each by "
                + "itself.",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
        };
        var generations = new Option<int[]>("--generations")
        {
            Description = "Hardware generations in their place; with classes, each class of each generation "
                + "by itself, 16 in all at most.",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
        };
        var lane = new Option<string>("--lane")
        {
            Description = "How fast: standard, expedited for what is needed within a week, or core for an "
                + "image "
                + "of the core. What is given besides changes the lane's rules; whatever is faster than the "
                + "standard lane takes more signatures, and a core two at any speed.",
            HelpName = "standard|expedited|core",
            DefaultValueFactory = _ => "standard",
        };
        _ = lane.AcceptOnlyFromAmong("standard", "expedited", "core");
        Knobs knobs = Knobs.Create();
        var command = new Command(
            "new", "Writes the order of a rollout, for others to sign.\n\n" + FilesGuide)
        {
            path, packages, release, number, classes, generations, lane,
        };
        knobs.On(command);
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            return Files(error, () =>
            {
                bool isCore = parsed.GetValue(lane) == "core";
                string folder = parsed.GetRequiredValue(packages);
                string digest = parsed.GetRequiredValue(release);
                if ((isCore ? FoundCore(folder, digest, error) : Found(folder, digest, error))
                    is not var (parcel, manifest))
                {
                    return ExitCode.Refused;
                }

                bool isExpedited = parsed.GetValue(lane) == "expedited";
                var rollout = new Rollout(
                    parsed.GetValue(number),
                    isCore ? CoreFunction.Core
                        : manifest!.Kind == SkillKind.Bid ? CoreFunction.Pricing : CoreFunction.Extraction,
                    isCore ? CoreBay.Abi : SkillAbi.Version, isCore ? parcel.Image : parcel.Digest,
                    parcel.Bytes.Length,
                    GroupsOf(parsed.GetValue(classes) ?? [], parsed.GetValue(generations) ?? []),
                    knobs.Trial(parsed, isExpedited, TimeSpan.FromDays(isCore ? 45 : 7)),
                    knobs.Rules(
                        parsed, isCore ? RolloutRules.Core
                            : isExpedited ? RolloutRules.Expedited : RolloutRules.Standard));
                byte[] bytes = CborWriter.Bytes(rollout);
                if (rollout.Classes.IsEmpty || !rollout.IsSound || rollout.Classes[0] < 1
                    || !CborReader.TryRead(bytes, out Rollout? _, out DecodeError? _))
                {
                    error.WriteLine(
                        "hanse: an order has a number, classes or generations from 1, 16 groups at most, "
                            + "shares of 0 to 100 percent, and a pulse of a minute or more");
                    return ExitCode.Refused;
                }

                var request = new OrderRolloutRequest { Order = ByteString.CopyFrom(bytes) };
                OrderFile.Write(parsed.GetRequiredValue(path), request, isNew: true);
                OrderFile.Tell(rollout, request, parsed.InvocationConfiguration.Output);
                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Show()
    {
        Argument<string> path = FileArgument("The order.");
        var command = new Command(
            "show", "Says what an order is, and who signed it.\n\n" + FilesGuide) { path };
        command.SetAction(parsed => WithOrder(parsed, path, (request, rollout) =>
        {
            OrderFile.Tell(rollout, request, parsed.InvocationConfiguration.Output);
            return ExitCode.Fine;
        }));
        return command;
    }

    private static Command Sign()
    {
        Argument<string> path = FileArgument("The order.");
        Option<string[]> keys = KeyRing.Option();
        keys.Description = "A private key to sign with; may be given several times.";
        keys.Required = true;
        var command = new Command(
            "sign", "Signs an order, and says what was signed: read it.\n\n" + FilesGuide) { path, keys };
        command.SetAction(parsed => WithOrder(parsed, path, (request, rollout) =>
        {
            using var ring = new KeyRing();
            if (!ring.TryOpen(parsed.GetRequiredValue(keys), parsed.InvocationConfiguration.Error))
            {
                return ExitCode.Refused;
            }

            byte[] text = rollout.ToSign();
            foreach (SigningKey key in ring.Keys)
            {
                var publicKey = ByteString.CopyFrom(key.Public.Raw);
                foreach (OrderSignature before in
                    request.Signatures.Where(one => one.PublicKey == publicKey).ToList())
                {
                    _ = request.Signatures.Remove(before);
                }

                request.Signatures.Add(new OrderSignature
                {
                    PublicKey = publicKey,
                    Signature = ByteString.CopyFrom(key.Sign(text)),
                });
            }

            OrderFile.Write(parsed.GetRequiredValue(path), request, isNew: false);
            OrderFile.Tell(rollout, request, parsed.InvocationConfiguration.Output);
            return ExitCode.Fine;
        }));
        return command;
    }

    private static Command Order(Surroundings surroundings)
    {
        var link = new OperatorLink();
        Argument<string> path = FileArgument("The order, signed.");
        var command = new Command(
            "order", "Sends an order. The same order again is the same one.\n\n" + OperatorLink.CodesGuide)
        {
            path,
        };
        command.SetAction(parsed => WithOrder(parsed, path, (request, _) => link.Call(
            parsed,
            async (client, options) => Write(
                await client.OrderRolloutAsync(request, options), parsed.InvocationConfiguration.Output),
            surroundings.Stop)));
        return link.On(command);
    }

    private static Command List(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var command = new Command("list", "Says how far rollouts have come.\n\n" + OperatorLink.CodesGuide);
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            RolloutList list = await client.ListRolloutsAsync(new ListRolloutsRequest(), options);
            TextWriter output = parsed.InvocationConfiguration.Output;
            foreach (Server.V1.Rollout rollout in list.Rollouts)
            {
                Write(rollout, output);
            }

            foreach (RolloutRefused refused in list.Refused)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"rollout {refused.Rollout}: not taken, {refused.Reason}"));
            }
        }, surroundings.Stop));
        return link.On(command);
    }

    private static Command Say(Surroundings surroundings, string name, Word word, string description)
    {
        var link = new OperatorLink();
        var number = new Argument<uint>("N") { Description = "The rollout's number." };
        var command = new Command(name, description + "\n\n" + OperatorLink.CodesGuide) { number };
        command.SetAction(parsed => link.Call(
            parsed,
            async (client, options) => Write(
                await client.CommandRolloutAsync(
                    new CommandRolloutRequest { Rollout = parsed.GetValue(number), Command = word }, options),
                parsed.InvocationConfiguration.Output),
            surroundings.Stop));
        return link.On(command);
    }

    private static void Write(Server.V1.Rollout rollout, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"rollout {rollout.Rollout_}: {rollout.Function.ToLowerInvariant()}, release {rollout.Release}")
                + (rollout.IsPaused ? ", paused" : rollout.IsOpen ? "" : ", over"));
        foreach (RolloutClass one in rollout.Classes)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {GroupName(one)}: {one.State.ToLowerInvariant()}, stage {one.Stage}; of {one.Members} "
                    + $"nodes {one.Chosen} chosen, {one.UnderWay} under way, {one.Active} run it, "
                    + $"{one.Proven} proven, {one.RolledBack} let it go, {one.Refused} refused it, "
                    + $"{one.Unknown} not heard"));
        }
    }

    private static string GroupName(RolloutClass one) =>
        (one.Class > 0 && one.Generation > 0 ? RolloutGroup.OfStrain(new(one.Class, one.Generation))
            : one.Generation > 0 ? RolloutGroup.OfGeneration(one.Generation) : new RolloutGroup(one.Class))
        .ToString();

    // None when a number is none that a class or a generation can have.
    private static ImmutableArray<int> GroupsOf(int[] classes, int[] generations)
    {
        bool isSound = classes.All(one => one is > 0 and < RolloutGroup.GenerationUnit)
            && generations.All(one => one is > 0 and < RolloutGroup.GenerationUnit / 2);
        IEnumerable<int> groups = !isSound ? []
            : generations.Length == 0 ? classes
            : classes.Length == 0 ? generations.Select(one => RolloutGroup.OfGeneration(one).Number)
            : generations.SelectMany(generation => classes.Select(one =>
                RolloutGroup.OfStrain(new MachineKind(one, generation)).Number));
        return [.. groups.Distinct().Order()];
    }

    private static (Parcel Parcel, CapabilityManifest? Manifest)? Found(
        string folder, string release, TextWriter error)
    {
        if (release.Length != 64 || !release.All(char.IsAsciiHexDigit))
        {
            error.WriteLine("hanse: --release is 64 hexadecimal digits, as 'hanse skill push' says them");
            return null;
        }

        string digest = release.ToLowerInvariant();
        byte[]? bytes = new FolderBundle(folder).Read(
            "parcels/" + digest, Parcel.BytesMax, out bool isTooLong);
        string? refusal = bytes is not null ? null
            : isTooLong ? "it is too long" : "it is not there; 'hanse skill push' puts it there";
        if (bytes is not null && Parcel.Read(bytes, out refusal) is { } parcel)
        {
            if (parcel.Digest.ToString() == digest && parcel.Package(out refusal) is { } package)
            {
                return (parcel, package.Manifest);
            }

            refusal ??= "it is not what its name says";
        }

        error.WriteLine($"hanse: '{folder}' has no release {digest}: {refusal}");
        return null;
    }

    private static (Parcel Parcel, CapabilityManifest? Manifest)? FoundCore(
        string folder, string digest, TextWriter error)
    {
        bool isDigest = digest.Length == 64 && digest.All(char.IsAsciiHexDigitLower);
        byte[]? bytes = !isDigest ? null
            : new FolderBundle(folder).Read("parcels/" + digest, Parcel.BytesMax, out _);
        string? refusal = "it is not there; 'hanse core push' puts it there";
        if (bytes is not null && Parcel.Read(bytes, out refusal) is { } parcel
            && CorePackage.Read(parcel.Files, parcel.Image, out _, out refusal) is not null)
        {
            if (parcel.Image.ToString() == digest)
            {
                return (parcel, null);
            }

            refusal = "it is not what its name says";
        }

        error.WriteLine($"hanse: '{folder}' has no core {digest}: {refusal}");
        return null;
    }

    private static Argument<string> FileArgument(string description) =>
        new("FILE") { Description = description };

    private static int WithOrder(
        ParseResult parsed, Argument<string> path, Func<OrderRolloutRequest, Rollout, int> act)
    {
        TextWriter error = parsed.InvocationConfiguration.Error;
        return Files(error, () =>
        {
            if (OrderFile.TryRead(
                parsed.GetRequiredValue(path), out OrderRolloutRequest? request, out Rollout? rollout,
                out string? reason))
            {
                return act(request, rollout);
            }

            error.WriteLine($"hanse: {reason}");
            return ExitCode.Refused;
        });
    }

    private static int Files(TextWriter error, Func<int> act)
    {
        try
        {
            return act();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"hanse: {failure.Message}");
            return ExitCode.Environment;
        }
    }

    // What may differ from the lane.
    private sealed record Knobs(
        Option<double?> Canary, Option<double?> Exposure, Option<double?> CanaryDays, Option<double?> Wave,
        Option<double?> WaveDays, Option<double?> Errors, Option<double?> Gate, Option<double?> Quorum,
        Option<double?> QuorumDays, Option<double?> PatienceDays, Option<double?> Authority,
        Option<double?> Strain, Option<int?> Runs, Option<double?> Divergence, Option<double?> Probation,
        Option<double?> Pulse)
    {
        public static Knobs Create() => new(
            Of("--canary-percent", "Share of a class that runs it first."),
            Of("--exposure-percent", "Share of the fleet that runs it first, at most."),
            Of("--canary-days", "How long the first run it before others do."),
            Of("--wave-percent", "Share of a class that follows at a time."),
            Of("--wave-days", "Time between two waves."),
            Of("--errors-percent", "Share of those chosen that may let it go before a class stops."),
            Of("--gate-percent", "Share of a stage's node-hours that has to be reported before the next."),
            Of("--quorum-percent", "Share of a stage's machines that have to be heard before the next."),
            Of("--quorum-days", "How long each of them has run it when it is heard."),
            Of("--patience-days", "How long a canary waits for machines that could not be heard yet."),
            Of("--authority-days", "How long a node runs it unconfirmed."),
            Of("--strain-percent", "Share of machines of a class built alike that may run it at first."),
            new Option<int?>("--shadow-runs")
            {
                Description = "Answers it gives beside what decides before it decides.",
                HelpName = "N",
            },
            Of("--divergence-percent", "How far such an answer may be from that of what decides."),
            Of("--probation-days", "How long one fault ends it."),
            Of("--pulse-hours", "How often it is asked on a node that has nothing to decide."));

        public void On(Command command)
        {
            foreach (Option option in new Option[]
            {
                Canary, Exposure, CanaryDays, Wave, WaveDays, Errors, Gate, Quorum, QuorumDays, PatienceDays,
                Authority, Strain, Runs, Divergence, Probation, Pulse,
            })
            {
                command.Options.Add(option);
            }
        }

        public RolloutRules Rules(ParseResult parsed, RolloutRules lane) => lane with
        {
            Canary = Share(parsed, Canary, lane.Canary),
            Exposure = Share(parsed, Exposure, lane.Exposure),
            CanaryTime = Time(parsed, CanaryDays, 24, lane.CanaryTime),
            Wave = Share(parsed, Wave, lane.Wave),
            WaveTime = Time(parsed, WaveDays, 24, lane.WaveTime),
            Errors = Share(parsed, Errors, lane.Errors),
            Gate = Share(parsed, Gate, lane.Gate),
            Authority = Time(parsed, Authority, 24, lane.Authority),
            Strain = Share(parsed, Strain, lane.Strain),
            Quorum = QuorumOf(parsed, lane.Quorum!),
        };

        public SkillTrial Trial(ParseResult parsed, bool isExpedited, TimeSpan probation) => new(
            parsed.GetValue(Runs) ?? (isExpedited ? 32 : 8),
            Share(parsed, Divergence, default),
            Time(parsed, Probation, 24, probation),
            Time(parsed, Pulse, 1, TimeSpan.FromHours(isExpedited ? 1 : 6)));

        // A share of nothing is no quorum, whatever else is said of it.
        private RolloutQuorum? QuorumOf(ParseResult parsed, RolloutQuorum lane)
        {
            var quorum = new RolloutQuorum(
                Share(parsed, Quorum, lane.Share), Time(parsed, QuorumDays, 24, lane.Each),
                Time(parsed, PatienceDays, 24, lane.Patience));
            return quorum.Share.Value == 0 ? null : quorum;
        }

        private static PartsPerMillion Share(
            ParseResult parsed, Option<double?> option, PartsPerMillion otherwise) =>
            parsed.GetValue(option) is not { } percent ? otherwise
                : new PartsPerMillion((int)Math.Round(percent * 1e4));

        private static TimeSpan Time(
            ParseResult parsed, Option<double?> option, double hours, TimeSpan otherwise) =>
            parsed.GetValue(option) is not { } given ? otherwise
                : TimeSpan.FromSeconds(Math.Round(given * hours * 3_600));

        private static Option<double?> Of(string name, string description)
        {
            double most = name.EndsWith("-percent", StringComparison.Ordinal) ? 100 : 10_000;
            var option = new Option<double?>(name) { Description = description, HelpName = "N" };
            option.Validators.Add(result =>
            {
                double? given = result.GetValue(option);
                if (!(given >= 0 && given <= most))
                {
                    result.AddError(string.Create(
                        CultureInfo.InvariantCulture, $"{name} is a number from 0 to {most}"));
                }
            });
            return option;
        }
    }
}
