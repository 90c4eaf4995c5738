using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Grpc.Core;
using Grpc.Net.Client;
using Hanse.Agent;
using Hanse.Agent.Lines;
using Hanse.Api.V1;
using Hanse.Cli.Cores;
using Hanse.Cli.Releases;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Serving;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Wire;
using Hanse.IO.Cores;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.Simulation.World;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse agent</c>: one node, beside the machine that it decides for.</summary>
internal static class AgentCommand
{
    private const string CodesGuide =
        "Exit codes: 0 ended by Ctrl-C or SIGTERM, everything durable; 2 the command line, the folder or the "
            + "token is wrong; 3 a file cannot be used, or the gateway cannot be reached to enrol.";

    private static readonly TimeSpan _enrolRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _rotateLook = TimeSpan.FromMinutes(1);

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var asked = new Argument<string>("SCENARIO")
        {
            Description = "The mission that the node is of: a file, or a name that 'hanse scenario list' "
                + "shows.",
        };
        Option<ulong?> seed = ScenarioChoice.SeedOption();
        Option<int?> nodes = ScenarioChoice.NodesOption();
        Option<double?> days = ScenarioChoice.DaysOption();
        var server = new Option<string>("--server")
        {
            Description = "The gateway.",
            HelpName = "URL",
            DefaultValueFactory = _ => "https://127.0.0.1:7420",
        };
        var fingerprint = new Option<string?>("--fingerprint")
        {
            Description = "SHA-256 of the gateway's certificate: tls.sha256 in the server's folder. Without "
                + "it, who this machine trusts is trusted.",
            HelpName = "HEX",
        };
        var token = new Option<string?>("--token")
        {
            Description = "The one-time token of a machine that is not enrolled yet.",
            HelpName = "HEX",
        };
        var birth = new Option<string?>("--birth")
        {
            Description = "The certificate of a machine that another node has built and that is not enrolled "
                + "yet: a file with what that node's agent gave its device. As long as it is not there, the "
                + "command prints the machine's public key and waits for it.",
            HelpName = "FILE",
        };
        var data = new Option<string>("--data")
        {
            Description = "Where everything is kept that must survive; made if it is not there.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "hanse-node",
        };
        var pace = new Option<double>("--pace")
        {
            Description = "Mission seconds a second.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var epoch = new Option<DateTimeOffset?>("--epoch")
        {
            Description = "When the mission began, by the clock on the wall; at the node's first start "
                + "otherwise.",
            HelpName = "TIME",
        };
        var device = new Option<string[]>("--device")
        {
            Description = "The program that moves the machine, and its arguments: lines of JSON to its "
                + "standard input and from its standard output. Without it the machine does nothing.",
            HelpName = "PROGRAM",
            AllowMultipleArgumentsPerToken = true,
        };
        var trust = new Option<string?>("--trust")
        {
            Description = "Whom the node believes about releases of skills: a file of root that came on a "
                + "safe way, 1.root.json of the repository's metadata. Needed once; the folder keeps what "
                + "follows from it. Without it the node runs no releases.",
            HelpName = "ROOT",
        };
        var gatewayKey = new Option<string?>("--gateway-key")
        {
            Description = "The key that the mission signs its answers with: gateway.pub in the server's "
                + "folder. Without it, the one that comes with the enrolment is believed, or with the first "
                + "answer to a node of a release that had none. The folder keeps it.",
            HelpName = "HEX",
        };
        var rotateKey = new Option<bool>("--rotate-key")
        {
            Description = "Replaces the node's key by a new one at this start, unless that is under way.",
        };
        var rotateKeyDays = new Option<double?>("--rotate-key-days")
        {
            Description = "Replaces the node's key whenever it is so many days old. Without it, only when an "
                + "operator asks for it ('hanse node rotate-key').",
            HelpName = "N",
        };
        var has = new Option<string[]>("--has")
        {
            Description = "A capability of the machine that releases may need. May be given several times.",
            HelpName = "NAME",
        };
        var slots = new Option<bool>("--core-slots")
        {
            Description = "Lets signed orders replace the core: keeps two images in the folder, starts the "
                + "one that was chosen, and goes back when it does not come up. Takes --trust.",
        };
        var patience = new Option<double>("--core-patience")
        {
            Description = "Seconds without a sign of life after which the core is ended and started anew.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 300,
        };
        var rescue = new Option<double>("--rescue-after-days")
        {
            Description = "Days of the mission without an answer of a hub after which the machine asks, by "
                + "the exchange that never changes, for another core. With --core-slots.",
            HelpName = "N",
            DefaultValueFactory = _ => 90,
        };
        var launched = new Option<bool>(CoreLauncher.Mark)
        {
            Description = "Was started by 'hanse agent --core-slots'.",
            Hidden = true,
        };
        var command = new Command(
            "agent", "Runs one node: decides for a machine, on a durable memory of its own, and calls its "
                + "hub when it can. Ended at any moment, the same command goes on.\n\n" + CodesGuide)
        {
            asked, seed, nodes, days, server, fingerprint, gatewayKey, token, birth, data, pace, epoch,
            device, trust, has, rotateKey, rotateKeyDays, slots, patience,
            rescue, launched,
        };
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            var overrides = new ScenarioOverrides(
                parsed.GetValue(seed), parsed.GetValue(nodes), parsed.GetValue(days));
            (ScenarioChoice? choice, int code) = ScenarioChoice.Make(
                surroundings, parsed.GetRequiredValue(asked), overrides, error);
            if (choice is null)
            {
                return code;
            }

            if (!Uri.TryCreate(parsed.GetRequiredValue(server), UriKind.Absolute, out Uri? address)
                || parsed.GetValue(pace) is not (> 0 and <= 100_000))
            {
                error.WriteLine("hanse: --server is a URL, and --pace is up to 100,000");
                return ExitCode.Refused;
            }

            string? pinned = parsed.GetValue(gatewayKey)?.Trim();
            if (pinned is not null && (pinned.Length != 64 || !pinned.All(char.IsAsciiHexDigit)))
            {
                error.WriteLine("hanse: --gateway-key has the 64 hexadecimal digits of gateway.pub");
                return ExitCode.Refused;
            }

            if (parsed.GetValue(rotateKeyDays) is { } age && age is not (>= 1 and <= 3_650))
            {
                error.WriteLine("hanse: --rotate-key-days is from 1 to 3650");
                return ExitCode.Refused;
            }

            double seconds = parsed.GetValue(patience);
            if (seconds is not (>= 1 and <= 86_400))
            {
                error.WriteLine("hanse: --core-patience is 1 to 86,400 seconds");
                return ExitCode.Refused;
            }

            double rescueDays = parsed.GetValue(rescue);
            if (rescueDays is not (>= 1 and <= 3_650))
            {
                error.WriteLine("hanse: --rescue-after-days is from 1 to 3650");
                return ExitCode.Refused;
            }

            if (parsed.GetValue(slots) && !parsed.GetValue(launched))
            {
                return UntilEnded.Run(
                    stop => LaunchAsync(parsed.GetRequiredValue(data), seconds, error, stop),
                    surroundings, error);
            }

            string[] replay =
            [
                "core", "replay", parsed.GetRequiredValue(asked),
                .. Said("--seed", parsed.GetValue(seed)), .. Said("--nodes", parsed.GetValue(nodes)),
                .. Said("--days", parsed.GetValue(days)), "--data", parsed.GetRequiredValue(data),
            ];
            var parts = new Parts(
                choice, address, parsed.GetValue(fingerprint), pinned, parsed.GetValue(token),
                parsed.GetValue(birth),
                parsed.GetRequiredValue(data), parsed.GetValue(pace), parsed.GetValue(epoch),
                parsed.GetValue(device) ?? [], parsed.GetValue(trust), parsed.GetValue(has) ?? [],
                parsed.GetValue(rotateKey), parsed.GetValue(rotateKeyDays),
                parsed.GetValue(launched) && parsed.GetValue(slots) ? replay : null, seconds,
                TimeSpan.FromDays(rescueDays));
            TextWriter output = parsed.InvocationConfiguration.Output;
            return UntilEnded.Run(
                stop => RunAsync(parts, surroundings, output, error, stop), surroundings, error);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Parts parts, Surroundings surroundings, TextWriter output, TextWriter error, CancellationToken stop)
    {
        // Before anything is decided: what is attested is what was read, and not what somebody wrote down.
        Digest core = CoreImage.OfThisProcess().Digest;
        var folder = AgentFolder.Open(parts.Folder);
        GatewayPin pin = folder.OpenPin(
            parts.GatewayKey is null ? null : Convert.FromHexString(parts.GatewayKey));
        using GrpcChannel channel = GatewayChannel.Open(parts.Server, parts.Fingerprint);
        var client = new Gateway.GatewayClient(channel);
        (NodeId Node, byte[] Mission)? enrolment = folder.ReadEnrolment();
        if (enrolment is null)
        {
            (enrolment, int code) = await BecomeAsync(parts, folder, pin, client, output, error, stop);
            if (enrolment is null)
            {
                return code;
            }
        }

        (NodeId self, byte[] mission) = enrolment.Value;
        MissionPlan plan = MissionPlan.Of(parts.Choice.Scenario, parts.Choice.Scenario.Seed);
        await using SqliteStore store = SqliteStore.Open(folder.StorePath);
        byte[] name = await MissionName.HoldAsync(
            store, $"'{parts.Folder}'", parts.Choice.Scenario, stop);
        if (SpecOf(plan, folder, self) is not { } spec
            || !mission.AsSpan().SequenceEqual(name))
        {
            error.WriteLine($"hanse: '{parts.Folder}' is node {self.Value} of another mission");
            return ExitCode.Refused;
        }

        string begun = await store.NoteAsync(
            "mission/epoch", (parts.Epoch ?? surroundings.Time.GetUtcNow()).ToString("O"), stop);
        var begins = DateTimeOffset.Parse(begun, CultureInfo.InvariantCulture);
        var clock = new MissionClock(surroundings.Time, begins, parts.Pace);
        await using var shelf = ReleaseShelf.Open(
            folder, parts.Trust is null ? null : await File.ReadAllBytesAsync(parts.Trust, stop),
            new MissionEpoch(begins.ToUnixTimeSeconds()),
            new SortedSet<string>(parts.Has, StringComparer.Ordinal), () => clock.Now, error.WriteLine,
            out string? refusal);
        if (refusal is not null)
        {
            error.WriteLine("hanse: no releases can be run: " + refusal);
            return ExitCode.Refused;
        }

        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (parts.Replay is not null && shelf is null)
        {
            error.WriteLine("hanse: --core-slots takes --trust ROOT: whom to believe about images");
            return ExitCode.Refused;
        }

        var slots = parts.Replay is null ? null : CoreSlots.Open(parts.Folder);
        await using CoreShelf? cores = slots is null ? null : new CoreShelf(
            slots, shelf!, parts.Replay!, parts.Pace,
            new CoreTrialRules { ReplayLeast = TimeSpan.FromSeconds(Math.Min(60, parts.Patience)) },
            error.WriteLine, () => again.TrySetResult());
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (slots is not null)
        {
            EndWithLauncher(ended);
        }

        await using LinesDevice? lines = parts.Device.Length == 0 ? null
            : new LinesDevice(new ProcessStartInfo(parts.Device[0], parts.Device[1..]), error.WriteLine);
        using HttpClient? line = cores is null
            ? null : GatewayChannel.OpenHttp(parts.Server, parts.Fingerprint);
        await using CoreRescue? rescue = cores is null ? null : new CoreRescue(
            new RescueParts(self, mission, core, parts.RescueAfter, parts.Pace), folder, line!, slots!, cores,
            () => clock.Now, error.WriteLine, () => again.TrySetResult());
        IUplink uplink = new GatewayUplink(
            client, new GatewayCaller(self, mission, folder.Keys, folder.NextCount, pin))
        {
            OnDoubt = why => error.WriteLine("hanse: not in touch with the mission: " + why),
            OnKey = serial => output.WriteLine($"key {serial} speaks for node {self.Value}"),
        };
        await using var node = new NodeHost(new AgentParts
        {
            Spec = spec with { PublicKey = folder.Keys.First, Core = core },
            Keys = folder.Keys,
            Store = store,
            Clock = clock,
            Uplink = rescue is null ? uplink : rescue.Listen(uplink),
            Device = lines is null ? new IdleDevice() : lines,
            Shelf = shelf,
            Cores = cores,
            OnFailure = failure => error.WriteLine("hanse: " + failure.Message),
        });
        if (parts.RotateKey)
        {
            _ = folder.Keys.Begin();
        }

        await node.StartAsync();
        output.WriteLine($"node {self.Value} runs, kept in {parts.Folder}, on core {core}");
        await output.FlushAsync(stop);
        rescue?.Start();
        Task living = slots is null ? Task.CompletedTask : LiveAsync(node, slots, ended.Token);
        while (!again.Task.IsCompleted && !ended.IsCancellationRequested)
        {
            if (parts.RotateKeyDays is { } days
                && surroundings.Time.GetUtcNow() - folder.Keys.Since > TimeSpan.FromDays(days))
            {
                _ = folder.Keys.Begin();
            }

            _ = await Task.WhenAny(again.Task, Task.Delay(_rotateLook, ended.Token));
        }

        await ended.CancelAsync();
        await living;
        return again.Task.IsCompleted ? CoreSlots.AgainCode : ExitCode.Fine;
    }

    private static string[] Said(string option, object? value) => value is null ? []
        : [option, Convert.ToString(value, CultureInfo.InvariantCulture)!];

    // The part that is never replaced: it has the same arguments, and what it starts has them from it.
    private static Task<int> LaunchAsync(
        string folder, double seconds, TextWriter error, CancellationToken stop)
    {
        _ = AgentFolder.Open(folder);
        return new CoreLauncher(
            CoreSlots.Open(folder), Environment.GetCommandLineArgs()[1..], error.WriteLine)
        {
            Patience = TimeSpan.FromSeconds(seconds),
        }.RunAsync(stop);
    }

    // What started this process holds the other end of its input. Two at once would be two nodes.
    private static void EndWithLauncher(CancellationTokenSource ended) => new Thread(() =>
    {
        using Stream input = Console.OpenStandardInput();
        Span<byte> nothing = stackalloc byte[64];
        while (input.Read(nothing) > 0)
        {
            // Nothing is said there.
        }

        try
        {
            ended.Cancel();
            Thread.Sleep(TimeSpan.FromSeconds(10));
            Environment.Exit(ExitCode.Environment);
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    })
    {
        IsBackground = true,
        Name = "launcher",
    }.Start();

    // A sign of life comes from the machine's own turn, so one that hangs gives none.
    private static async Task LiveAsync(NodeHost node, CoreSlots slots, CancellationToken stop)
    {
        for (long beat = 1; !stop.IsCancellationRequested; beat++)
        {
            try
            {
                _ = await node.AskAsync(_ => 0).WaitAsync(stop);
                await File.WriteAllTextAsync(
                    slots.AliveFile, beat.ToString(CultureInfo.InvariantCulture), stop);
                await Task.Delay(TimeSpan.FromSeconds(0.5), stop);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (Exception failure) when (failure is IOException or MachineFailedException)
            {
                // It is being started anew, or the disk is full: no sign of life.
                await Task.Delay(TimeSpan.FromSeconds(0.5), CancellationToken.None);
            }
        }
    }

    private static Task<((NodeId Node, byte[] Mission)? Enrolment, int Code)> BecomeAsync(
        Parts parts, AgentFolder folder, GatewayPin pin, Gateway.GatewayClient client, TextWriter output,
        TextWriter error, CancellationToken stop) => parts.Birth is null
            ? EnrolAsync(parts, folder, pin, client, error, stop)
            : EnrolBornAsync(parts, folder, pin, client, output, error, stop);

    /// <summary>What a node is built with; null when it is none of the mission.</summary>
    /// <remarks>A machine that was born is built as the plan's machines of its class and generation in the
    /// region of the hub that its parent had its number from; what else it is, its certificate
    /// says.</remarks>
    public static NodeSpec? SpecOf(MissionPlan plan, AgentFolder folder, NodeId self)
    {
        if (plan.Nodes.FirstOrDefault(node => node.Node == self) is { } planned)
        {
            return planned;
        }

        return folder.Read("birth", SignedBirth.BytesMax) is { } kept
            && CborReader.TryRead(kept, out SignedBirth? birth, out _)
            && birth.Certificate is var word && word.Child == self
            && plan.Nodes.FirstOrDefault(node => node.Region == word.Region
                && node.Design.Class == word.Class
                && node.Design.Generation == word.Generation) is { } like
            && plan.Regions.FirstOrDefault(region => region.Hub.Region == word.Region) is { } home
            ? like with
            {
                Node = self,
                Contacts = home.Hub.NodeContacts.PlanFor(self),
                Seed = BinaryPrimitives.ReadUInt64LittleEndian(word.PublicKey),
            }
            : null;
    }

    // The key is made first, then the parent's word is waited for, then the gateway; a bad word is final.
    private static async Task<((NodeId Node, byte[] Mission)? Enrolment, int Code)> EnrolBornAsync(
        Parts parts, AgentFolder folder, GatewayPin pin, Gateway.GatewayClient client, TextWriter output,
        TextWriter error, CancellationToken stop)
    {
        output.WriteLine(Convert.ToHexStringLower(folder.Keys.Own.Key.PublicKey));
        await output.FlushAsync(stop);
        while (!File.Exists(parts.Birth))
        {
            await Task.Delay(_enrolRetry, stop);
        }

        string text = (await File.ReadAllTextAsync(parts.Birth, stop)).Trim();
        if (text.Length is 0 or > 2 * SignedBirth.BytesMax || text.Length % 2 != 0
            || !text.All(char.IsAsciiHexDigit)
            || !CborReader.TryRead(Convert.FromHexString(text), out SignedBirth? birth, out _))
        {
            error.WriteLine($"hanse: '{parts.Birth}' is no certificate of birth in hexadecimal digits");
            return (null, ExitCode.Refused);
        }

        byte[] bytes = CborWriter.Bytes(birth);
        byte[] mission = MissionName.Of(parts.Choice.Scenario);
        folder.Keep("birth", bytes);
        while (true)
        {
            try
            {
                NodeId node = await GatewayUplink.EnrolBornAsync(
                    client, bytes, mission, folder.Keys.Own.Key, pin, stop);
                folder.Keep(node, mission);
                return ((node, mission), ExitCode.Fine);
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.PermissionDenied)
            {
                error.WriteLine("hanse: not enrolled: " + refused.Status.Detail);
                return (null, ExitCode.Refused);
            }
            catch (GatewayDoubtException doubt)
            {
                error.WriteLine("hanse: not enrolled, trying again: " + doubt.Message);
                await Task.Delay(_enrolRetry, stop);
            }
            catch (RpcException failure) when (!stop.IsCancellationRequested)
            {
                error.WriteLine($"hanse: not enrolled yet ({failure.Status.Detail}); trying again");
                await Task.Delay(_enrolRetry, stop);
            }
        }
    }

    // A machine may be switched on long before its gateway can be reached; a bad token is final.
    private static async Task<((NodeId Node, byte[] Mission)? Enrolment, int Code)> EnrolAsync(
        Parts parts, AgentFolder folder, GatewayPin pin, Gateway.GatewayClient client, TextWriter error,
        CancellationToken stop)
    {
        if (parts.Token is not { Length: 64 } hex || !hex.All(char.IsAsciiHexDigit))
        {
            error.WriteLine("hanse: this machine is not enrolled: give it the token of 64 hexadecimal digits "
                + "that its operator made, with --token");
            return (null, ExitCode.Refused);
        }

        while (true)
        {
            try
            {
                (NodeId node, byte[] mission) = await GatewayUplink.EnrolAsync(
                    client, Convert.FromHexString(hex), folder.Keys.Own.Key, pin, stop);
                folder.Keep(node, mission);
                return ((node, mission), ExitCode.Fine);
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.PermissionDenied)
            {
                error.WriteLine("hanse: not enrolled: " + refused.Status.Detail);
                return (null, ExitCode.Refused);
            }
            catch (GatewayDoubtException doubt)
            {
                error.WriteLine("hanse: not enrolled, trying again: " + doubt.Message);
                await Task.Delay(_enrolRetry, stop);
            }
            catch (RpcException failure) when (!stop.IsCancellationRequested)
            {
                error.WriteLine(
                    $"hanse: the gateway cannot be reached ({failure.Status.Detail}); trying again");
                await Task.Delay(_enrolRetry, stop);
            }
        }
    }

    private sealed record Parts(
        ScenarioChoice Choice, Uri Server, string? Fingerprint, string? GatewayKey, string? Token,
        string? Birth, string Folder, double Pace, DateTimeOffset? Epoch, string[] Device, string? Trust,
        string[] Has, bool RotateKey, double? RotateKeyDays, string[]? Replay, double Patience,
        TimeSpan RescueAfter);
}
