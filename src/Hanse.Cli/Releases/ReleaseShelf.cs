using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Hanse.Agent;
using Hanse.Cli.Commands;
using Hanse.Core.Journal;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.IO.Slots;
using Hanse.Skills;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Releases;

/// <summary>The releases of one agent: parcels in its folder, the one door, and the sandbox.</summary>
/// <remarks>
/// Nobody is asked: what is trusted is in the folder, and what vouches for a release comes with it. What is
/// learnt of newer metadata is durable before the node hears that anything was admitted, so no crash leads it
/// back. The node's own memory says which releases were admitted; here are only their bytes, and after a
/// restart they are made ready again without asking for trust, since what runs goes on when metadata has
/// expired. A file that cannot be read or written is no verdict on a release: it is tried again.
/// <para>
/// Limits: <see cref="WorkMax"/> pieces of work wait, of which stretches of packages may be
/// <see cref="StretchesMax"/>; a further stretch is lost, and the node asks for it again.
/// </para>
/// </remarks>
internal sealed class ReleaseShelf : IReleaseShelf, IAsyncDisposable
{
    /// <summary>Most pieces of work that wait.</summary>
    public const int WorkMax = 64;

    /// <summary>Most that wait when another stretch of a package is taken.</summary>
    public const int StretchesMax = 32;

    private const string TrustFile = "trust";
    private const string HeardFile = "heard";

    private static readonly TimeSpan _retryWait = TimeSpan.FromSeconds(10);

    private readonly AgentFolder _folder;
    private readonly PackageFolder _packages;
    private readonly Func<Instant> _clock;
    private readonly Action<string> _log;
    private readonly SkillEngine _engine = new();
    private readonly SkillAdmission _door;
    private readonly LoadedReleases _skills;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _trusting = new();
    private readonly Channel<PackageWork> _work = Channel.CreateBounded<PackageWork>(
        new BoundedChannelOptions(WorkMax) { SingleReader = true });

    private TrustState _trust;
    private Parcel? _heard;
    private Action<NodeInput> _tell = _ => { };
    private Task _running = Task.CompletedTask;

    private ReleaseShelf(
        AgentFolder folder, TrustState trust, Parcel? heard, IReadOnlySet<string> capabilities,
        Func<Instant> clock, Action<string> log)
    {
        _folder = folder;
        _trust = trust;
        _heard = heard;
        _clock = clock;
        _log = log;
        _packages = PackageFolder.Open(Path.Combine(folder.Path, "packages"));
        CompileWorker compiler = SkillCommand.Compiler();
        _door = new SkillAdmission(
            _engine,
            // Nothing answers a release here, so nothing is granted.
            new NodeGrant(HostFunctions.None, capabilities, (long)SkillBudget.Decision.Fuel),
            (ReadOnlySpan<byte> module, out string? refusal) => compiler.Compile(module, out refusal),
            new CompiledCache(Path.Combine(folder.Path, "compiled")));
        _skills = new LoadedReleases(Again);
    }

    /// <inheritdoc/>
    public ISkills Skills => _skills;

    /// <summary>Opens the shelf of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="root">A root that came on a safe way, for a folder that trusts nobody yet; null for
    /// none.</param>
    /// <param name="epoch">When mission time begins.</param>
    /// <param name="capabilities">What the machine has.</param>
    /// <param name="clock">Mission time.</param>
    /// <param name="log">Takes a line about every release that is admitted or refused.</param>
    /// <param name="refusal">Why there is none; null when there is, or when nobody is trusted and nothing was
    /// asked for.</param>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    public static ReleaseShelf? Open(
        AgentFolder folder, byte[]? root, MissionEpoch epoch, IReadOnlySet<string> capabilities,
        Func<Instant> clock, Action<string> log, out string? refusal)
    {
        refusal = null;
        TrustState? trust;
        if (folder.Read(TrustFile, TrustState.BytesMax) is { } kept)
        {
            trust = TrustState.Read(kept, out refusal);
            refusal = refusal is null ? null : $"'{folder.Path}/{TrustFile}' is spoiled: {refusal}";
        }
        else if (root is null)
        {
            return null;
        }
        else
        {
            trust = TrustState.Begin(root, epoch, out refusal);
            if (trust is not null)
            {
                folder.Keep(TrustFile, trust.ToBytes());
            }
        }

        Parcel? heard = folder.Read(HeardFile, Parcel.BytesMax) is { } bytes
            ? Parcel.Read(bytes, out _) : null;
        return trust is null ? null : new ReleaseShelf(folder, trust, heard, capabilities, clock, log);
    }

    /// <inheritdoc/>
    public void Start(Action<NodeInput> tell, IReadOnlySet<Digest> needed)
    {
        _tell = tell;
        _ = _packages.KeepOnly(needed);
        _running = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public void Handle(PackageWork work)
    {
        bool isStretch = work.Act is PackageAct.Look or PackageAct.Keep;
        bool isTaken = (!isStretch || _work.Reader.Count < StretchesMax) && _work.Writer.TryWrite(work);
        if (!isTaken && !isStretch)
        {
            _log($"release {work.Release}: too much waits; it is gone on with after a restart");
        }
    }

    /// <summary>The bytes of a package that is not named by the digest of all of them; null when they are not
    /// all here.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public byte[]? ReadAny(Digest release, int length) => _packages.ReadAny(release, length);

    /// <summary>Whether enough keys vouch for what a parcel brings.</summary>
    /// <param name="parcel">The parcel.</param>
    /// <param name="length">Bytes of what is vouched for.</param>
    /// <param name="signers">Keys that it takes, of one role.</param>
    /// <returns>Why not; null when they do.</returns>
    /// <exception cref="IOException">What was learnt cannot be kept.</exception>
    public string? Vouch(Parcel parcel, int length, int signers)
    {
        lock (_trusting)
        {
            TrustOutcome outcome = TrustUpdate.Apply(_trust, parcel.Metadata, _clock(), parcel.Target);
            if (outcome.Reason == TrustReason.Rollback && _heard is { } heard)
            {
                TrustOutcome newer = TrustUpdate.Apply(
                    outcome.State, heard.Metadata, _clock(), parcel.Target);
                outcome = newer.Reason == TrustReason.None ? newer : outcome with { State = newer.State };
            }

            Learn(outcome.State, outcome.Reason, parcel);
            return outcome.Target is not { } target ? outcome.Sentence
                : target.Hash != parcel.Image || target.Length != length
                ? $"{target.Role} vouches for another {target.Path}"
                : target.Threshold < signers
                ? $"{target.Role} takes {target.Threshold} signature, and an image of the core {signers}"
                : null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _skills.Dispose();
        _engine.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (PackageWork work in _work.Reader.ReadAllAsync(_stop.Token))
            {
                Try(work);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Try(PackageWork work)
    {
        try
        {
            Do(work);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _log($"release {work.Release}: {failure.Message}");
            if (work.Act == PackageAct.Admit)
            {
                _ = LaterAsync(work); // A stretch is asked for again by itself.
            }
        }
    }

    private async Task LaterAsync(PackageWork work)
    {
        try
        {
            await Task.Delay(_retryWait, _stop.Token);
            Handle(work);
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Do(PackageWork work)
    {
        switch (work.Act)
        {
            case PackageAct.Look:
                _tell(new NodeInput.PackageHeld(work.Release, _packages.Held(work.Release)));
                break;
            case PackageAct.Keep:
                int held = _packages.Keep(work.Release, work.From, work.Bytes);
                _tell(new NodeInput.PackageHeld(work.Release, held));
                break;
            case PackageAct.Admit:
                string? refusal = Admit(work);
                _log($"release {work.Release}: " + (refusal ?? "admitted"));
                _tell(new NodeInput.PackageJudged(work.Release, IsAdmitted: refusal is null));
                break;
            default:
                _skills.Forget(work.Release);
                _packages.Drop(work.Release);
                break;
        }
    }

    // Why it is not admitted; null when it is, and ready.
    private string? Admit(PackageWork work)
    {
        if (_packages.Read(work.Release, work.Size) is not { } bytes)
        {
            return "not admitted (package): its bytes are not what the order names";
        }

        if (Parcel.Read(bytes, out string? refusal) is not { } parcel)
        {
            return "not admitted (package): " + refusal;
        }

        AdmissionOutcome outcome;
        lock (_trusting)
        {
            outcome = _door.Admit(_trust, parcel, _heard?.Metadata, _clock());
            try
            {
                Learn(outcome.State, outcome.Reason, parcel);
            }
            catch
            {
                outcome.Skill?.Dispose();
                throw;
            }
        }

        if (outcome.Skill is not { } skill)
        {
            return $"not admitted ({PackageCommand.Word(outcome)}): {outcome.Refusal}";
        }

        _skills.Put(work.Release, skill);
        return null;
    }

    // The metadata first: what is trusted is never newer than what can be shown for it.
    private void Learn(TrustState state, TrustReason reason, Parcel parcel)
    {
        bool isNewest = reason == TrustReason.None && state.TimestampVersion != _trust.TimestampVersion;
        if (isNewest)
        {
            _folder.Keep(HeardFile, parcel.Bytes);
            _heard = parcel;
        }

        if (!ReferenceEquals(state, _trust))
        {
            _folder.Keep(TrustFile, state.ToBytes());
            _trust = state;
        }
    }

    // On the thread of the sandbox, in the middle of a question.
    private Skill? Again(Digest release)
    {
        string? refusal;
        try
        {
            Skill? skill = null;
            int length = _packages.Held(release);
            if (length == 0 || _packages.Read(release, length) is not { } bytes)
            {
                refusal = "its bytes are not here";
            }
            else if (Parcel.Read(bytes, out refusal) is { } parcel)
            {
                skill = _door.Again(parcel, out refusal);
            }

            _log($"release {release}: {(skill is null ? "not ready: " + refusal : "ready again")}");
            return skill;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _log($"release {release}: not ready: {failure.Message}");
            return null;
        }
    }
}
