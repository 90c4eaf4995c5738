using Hanse.Core.Identity;
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading;
using Hanse.Cli.Commands;
using Hanse.Cli.Cores;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Skills;
using Hanse.Skills.Packages;
using CoreFunction = Hanse.Core.Messages.SkillFunction;

namespace Hanse.Cli.Releases;

/// <summary>The releases that a server has for nodes: parcels of a folder, by digest.</summary>
/// <remarks>
/// Whoever may write into the folder is trusted with nothing: a file is handed out only when it is what its
/// name says, and a node verifies what it gets. A release is run here to take decisions of nodes again, in
/// the same sandbox and on a signed order that names its digest. A file that is put there later is found when
/// it is asked for. Limit: <see cref="HeldMax"/> parcels are held in memory; then all are read anew.
/// </remarks>
internal sealed class PackageLibrary : ISkills, IDisposable
{
    /// <summary>Most parcels in memory: of as many rollouts as a mission may have.</summary>
    public const int HeldMax = RolloutTold.RolloutsMax;

    private readonly string _folder;
    private readonly ISkills? _model;
    private readonly Action<string> _log;
    private readonly CompiledCache _cache;
    private readonly CompileWorker _compiler = SkillCommand.Compiler();
    private readonly SkillEngine _engine = new();
    private readonly LoadedReleases _skills;
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, byte[]> _held = [];

    /// <summary>The parcels of a folder.</summary>
    /// <param name="folder">A folder that <c>hanse skill push</c> filled, or will.</param>
    /// <param name="compiled">Where compiled code is kept; this process's own.</param>
    /// <param name="model">Runs what is not there; null for nothing.</param>
    /// <param name="log">Takes a line about what cannot be used.</param>
    /// <exception cref="IOException">The folder of compiled code cannot be used.</exception>
    public PackageLibrary(string folder, string compiled, ISkills? model, Action<string> log)
    {
        _folder = folder;
        _model = model;
        _log = log;
        _cache = new CompiledCache(compiled);
        _skills = new LoadedReleases(Load);
    }

    /// <summary>The option that names the folder.</summary>
    public static Option<string?> Option() => new("--packages")
    {
        Description = "Where the releases are that hubs hand out to nodes: a folder that 'hanse skill push' "
            + "fills, also while this runs.",
        HelpName = "FOLDER",
    };

    /// <inheritdoc/>
    public int Abi => SkillAbi.Version;

    /// <summary>Bytes of a parcel; none where it ends, null when it is not here.</summary>
    public byte[]? Read(Digest release, int from, int count) => Whole(release) is not { } parcel ? null
        : from >= parcel.Length ? [] : parcel[from..Math.Min(parcel.Length, from + count)];

    /// <summary>Bytes of a parcel; null when it is not here.</summary>
    public int? LengthOf(Digest release) => Whole(release)?.Length;

    /// <inheritdoc/>
    public SkillAnswer Run(
        Digest release, CoreFunction function, MachineKind kind, ReadOnlyMemory<byte> question) =>
        Whole(release) is not null ? _skills.Run(release, function, kind, question)
        : _model?.Run(release, function, kind, question)
            ?? new SkillAnswer(SkillOutcome.NoAnswer, []);

    /// <inheritdoc/>
    public void Dispose()
    {
        _skills.Dispose();
        _engine.Dispose();
    }

    private byte[]? Whole(Digest release)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(release, out byte[]? parcel) || (parcel = ReadFile(release)) is null)
            {
                return parcel;
            }

            if (_held.Count == HeldMax)
            {
                _held.Clear();
            }

            return _held[release] = parcel;
        }
    }

    private byte[]? ReadFile(Digest release)
    {
        string name = Parcel.FileName(release);
        try
        {
            byte[]? bytes = new FolderBundle(_folder).Read(name, Parcel.BytesMax, out bool isTooLong);
            if (bytes is not null && (Digest.Of(bytes) == release || IsImage(bytes, release)))
            {
                return bytes;
            }

            if (bytes is not null || isTooLong)
            {
                _log($"'{_folder}/{name}' is not what its name says");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _log($"'{_folder}/{name}' cannot be read: {failure.Message}");
        }

        return null;
    }

    // An image of the core is named by its measurement, and the machine verifies what it gets.
    private static bool IsImage(byte[] bytes, Digest release) =>
        Parcel.Read(bytes, out _) is { } parcel && parcel.Image == release
        && parcel.Target.StartsWith(CorePackage.Family, StringComparison.Ordinal)
        && CorePackage.Read(parcel.Files, release, out _, out _) is not null;

    private Skill? Load(Digest release)
    {
        string? refusal = "it is not here";
        Skill? skill = null;
        if (Whole(release) is { } bytes && Parcel.Read(bytes, out refusal) is { } parcel
            && parcel.Package(out refusal) is { } package)
        {
            // What the machine has is not known here; it has said that it was enough.
            var door = new SkillAdmission(
                _engine, new NodeGrant(
                    HostFunctions.None, new SortedSet<string>(
                        package.Manifest.Capabilities, StringComparer.Ordinal)),
                (ReadOnlySpan<byte> module, out string? why) => _compiler.Compile(module, out why), _cache);
            skill = door.Again(parcel, out refusal);
        }

        if (skill is null)
        {
            _log($"release {release} cannot be run here: {refusal}");
        }

        return skill;
    }
}
