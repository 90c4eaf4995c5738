using System;
using System.CommandLine;
using System.IO;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.IO.Slots;
using Hanse.Skills;
using CoreFunction = Hanse.Core.Messages.SkillFunction;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse skill slots</c>: one machine's slots on a disk, as an agent will have them, to be ended
/// at any moment and started again.</summary>
/// <remarks>It fetches the release in small pieces, has it compiled, shadowed and put on probation, and
/// decides all the while; mission time goes on by a pulse a step. Every decision is held against the core's
/// own.</remarks>
internal static class SkillSlotsCommand
{
    private const int PieceBytes = 64;

    private static readonly Grams _room = Grams.FromTonnes(5);

    private static readonly SkillTrial _trial = new(
        8, default, TimeSpan.FromDays(3), TimeSpan.FromHours(6));

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var module = new Argument<string>("MODULE")
        {
            Description = "A module of WebAssembly with 'decide'.",
        };
        var folder = new Option<string>("--folder")
        {
            Description = "Where the machine keeps what it has.",
            Required = true,
            HelpName = "FOLDER",
        };
        var command = new Command("slots", "Plays the slots of one machine.") { module, folder };
        command.Hidden = true;
        command.SetAction(parsed => SkillFiles.Guarded(
            parsed.GetRequiredValue(folder), parsed.InvocationConfiguration, () =>
            {
                byte[] package = File.ReadAllBytes(parsed.GetRequiredValue(module));
                using var workers = new SkillWorkers(1);
                return workers.Run(() => Play(
                    package, parsed.GetRequiredValue(folder), parsed.InvocationConfiguration.Output))
                    .GetAwaiter().GetResult();
            }));
        return command;
    }

    private static int Play(byte[] package, string path, TextWriter output)
    {
        using var machine = new Machine(path, output.WriteLine);
        machine.Begin(package);
        while (!machine.IsSettled)
        {
            if (!machine.Go(package))
            {
                return ExitCode.Broken;
            }
        }

        output.WriteLine("settled");
        return ExitCode.Fine;
    }

    private sealed class Machine : IDisposable
    {
        private readonly SkillEngine _engine = new();
        private readonly SandboxSkills _sandbox = new(SkillBudget.Decision);
        private readonly SkillBay _bay;
        private readonly SlotFolder _folder;
        private readonly Action<string> _say;
        private Skill? _skill;
        private Instant _now;
        private long _asked;

        public Machine(string path, Action<string> say)
        {
            _say = say;
            _bay = new SkillBay(
                _sandbox, new MachineKind(1, 1), (_, number) => Ask((long)(number % 5_000_000)),
                slot =>
                {
                    _folder!.Remember(slot);
                    _bay!.Apply(slot);
                },
                (function, question) =>
                {
                    _folder!.Remember(function, question);
                    _bay!.Apply(function, question);
                },
                CarryOut);
            _folder = SlotFolder.Open(path, _bay);
        }

        public bool IsSettled => Slot is { State: SkillState.Settled };

        private SkillSlot? Slot => _bay.Of(CoreFunction.Extraction);

        public void Begin(byte[] package)
        {
            _now = Slot is { } slot ? Instant.Max(slot.Since, slot.AskedAt) : new Instant(86_400_000_000);
            _say($"started {Slot?.State.ToString() ?? "empty"} torn {_folder.Torn}");
            if (Slot is { } running && (running.Active != default || running.State == SkillState.Shadowing))
            {
                _ = Compile(running.Release, running.Order.Length);
            }

            if (Slot is null)
            {
                _bay.Take(_now, new SkillOrder(
                    1, _now.FloorSecond, CoreFunction.Extraction, 1, Digest.Of(package).ToArray(),
                    package.Length, IsWithdrawn: false, SkillOrder.Forever, _trial));
            }

            _bay.Repeat();
        }

        // False when a decision was not the core's, or the release was let go.
        public bool Go(byte[] package)
        {
            if (_bay.Asks is { } asked)
            {
                int count = Math.Min(PieceBytes, package.Length - asked.From);
                _bay.Take(new SkillBytes(
                    asked.Release, asked.From, package.AsSpan(asked.From, count).ToArray()));
            }
            else
            {
                _now += _trial.Pulse;
                _bay.Wake(_now);
            }

            byte[] question = Ask(1 + (++_asked * 7_919 % 5_000_000));
            (Digest skill, byte[] output) = _bay.Decide(_now, CoreFunction.Extraction, question);
            bool isRight = output.AsSpan().SequenceEqual(
                SkillContract.Own(CoreFunction.Extraction, question));
            bool isOpen = Slot!.IsOpen;
            _say($"{(isRight ? "right" : "wrong")} by "
                + $"{(skill == BuiltInDecisions.Extraction ? "core" : "release")} {Slot!.State} {Slot.Held}");
            return isRight && isOpen;
        }

        public void Dispose()
        {
            _folder.Dispose();
            _skill?.Dispose();
            _engine.Dispose();
        }

        private void CarryOut(PackageWork work)
        {
            switch (work.Act)
            {
                case PackageAct.Look:
                    _bay.Held(_now, work.Release, _folder.Packages.Held(work.Release));
                    break;
                case PackageAct.Keep:
                    _bay.Held(
                        _now, work.Release,
                        _folder.Packages.Keep(work.Release, work.From, work.Bytes));
                    break;
                case PackageAct.Admit:
                    bool isAdmitted = Compile(work.Release, work.Size);
                    _bay.Judged(_now, work.Release, isAdmitted);
                    break;
                default:
                    _folder.Packages.Drop(work.Release);
                    break;
            }
        }

        private bool Compile(Digest release, int length)
        {
            if (_folder.Packages.Read(release, length) is not { } module
                || SkillCommand.Compiler().Compile(module, out _) is not { } code
                || Skill.Load(_engine, module, HostFunctions.None, out _, code) is not { } skill)
            {
                return false;
            }

            _skill = skill;
            _sandbox.Load(release, skill);
            return true;
        }

        private static byte[] Ask(long grams) =>
            CborWriter.Bytes(new ExtractionQuestion(new Grams(grams), _room, 1_000, 10_000));
    }
}
