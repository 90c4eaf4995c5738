using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Trust;

/// <summary>Keys of a role, and how many of them it takes.</summary>
/// <param name="Keys">The keys.</param>
/// <param name="Threshold">How many must sign; at least 1.</param>
public sealed record RoleKeys(IReadOnlyList<TrustKey> Keys, int Threshold);

/// <summary>How long metadata is good from when it is signed, days. A node that is out of reach for longer
/// than its timestamp lasts takes no new skills until it has heard a newer one.</summary>
public sealed record Lifetimes
{
    /// <summary>Root.</summary>
    public int RootDays { get; init; } = 3_650;

    /// <summary>Targets, delegated ones included.</summary>
    public int TargetsDays { get; init; } = 1_095;

    /// <summary>Snapshot.</summary>
    public int SnapshotDays { get; init; } = 365;

    /// <summary>Timestamp.</summary>
    public int TimestampDays { get; init; } = 90;

    internal long From(string role, long now) => now + (86_400L * role switch
    {
        TrustFormat.Root => RootDays,
        TrustFormat.Snapshot => SnapshotDays,
        TrustFormat.Timestamp => TimestampDays,
        _ => TargetsDays,
    });
}

/// <summary>What a change of a repository came to.</summary>
/// <param name="Published">Files that are published now.</param>
/// <param name="Waiting">What waits for signatures, a sentence each.</param>
/// <param name="Refusal">Why nothing was done; null when something was.</param>
public sealed record RepositoryNews(
    IReadOnlyList<string> Published, IReadOnlyList<string> Waiting, string? Refusal);

/// <summary>A repository of skills as its keepers change it.</summary>
/// <remarks>
/// A change is a draft until enough keys have signed it, and the keys need not be in one place: each holder
/// signs with <see cref="Settle"/> on his own copy of the folder. What follows from a published change, a new
/// snapshot and a new timestamp, is drafted and signed likewise; so is what no longer holds because its
/// keys were replaced. Files are published in such an order that a client that reads meanwhile finds all
/// that it is told of: the timestamp comes last.
/// </remarks>
public sealed class SkillRepository
{
    private readonly RepositoryFolder _folder;
    private readonly IReadOnlyList<SigningKey> _keys;
    private readonly long _now;
    private readonly Lifetimes _lifetimes;
    private readonly List<string> _published = [];
    private readonly List<string> _waiting = [];

    /// <summary>Opens a folder, which need not be there yet.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="keys">Keys at hand; each signs what its roles have to sign.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="lifetimes">How long what is drafted now will be good.</param>
    public SkillRepository(
        string folder, IReadOnlyList<SigningKey> keys, long now, Lifetimes? lifetimes = null)
    {
        _folder = new RepositoryFolder(folder);
        _keys = keys;
        _now = now;
        _lifetimes = lifetimes ?? new Lifetimes();
    }

    /// <summary>Its metadata.</summary>
    public IBundle Metadata => _folder.Metadata;

    /// <summary>Its packages.</summary>
    public IBundle Layout => _folder.Layout;

    /// <summary>Makes a repository without targets.</summary>
    /// <param name="roles">Keys of root, targets, snapshot and timestamp.</param>
    public RepositoryNews Create(IReadOnlyDictionary<string, RoleKeys> roles) => Guarded(() =>
    {
        if (_folder.Newest(TrustFormat.Root) is not null || _folder.Draft(TrustFormat.Root) is not null)
        {
            throw new SkillRefusedException("there is a repository already");
        }

        var all = new SortedDictionary<string, TrustRole>(StringComparer.Ordinal);
        foreach (string role in TrustFormat.Roles)
        {
            all[role] = Role(role, roles[role]);
        }

        Draft(TrustFormat.Root, new RootMetadata(1, Expiry(TrustFormat.Root), true, all).ToJson());
        Draft(TrustFormat.Targets, new TargetsMetadata(
            1, Expiry(TrustFormat.Targets), new(StringComparer.Ordinal), []).ToJson());
        _folder.Write(PackageFormat.LayoutFile, PackageFormat.Layout);
        _folder.Write(PackageFormat.IndexFile, SkillPackage.IndexOf([]));
    });

    /// <summary>Puts a package in and has a role vouch for it.</summary>
    /// <param name="package">The package.</param>
    /// <param name="role">Targets, or a role it delegates to.</param>
    public RepositoryNews Add(SkillPackage package, string role = TrustFormat.Targets) => Guarded(() =>
    {
        var files = new MemoryBundle();
        foreach (byte[] blob in package.Blobs)
        {
            files[PackageFormat.BlobName(Digest.Of(blob))] = blob;
        }

        VouchFor(package.Manifest.Target, package.Image, files, role);
        _folder.Write(PackageFormat.IndexFile, Index());
    });

    /// <summary>Puts anything in, with the files that it is made of, and has a role vouch for it.</summary>
    /// <param name="target">Under which name: <c>core/1.3.0</c>.</param>
    /// <param name="content">What is vouched for.</param>
    /// <param name="files">What it is made of, by their names in the folder.</param>
    /// <param name="role">Targets, or a role it delegates to.</param>
    public RepositoryNews Vouch(string target, byte[] content, MemoryBundle files, string role) =>
        Guarded(() => VouchFor(target, content, files, role));

    private void VouchFor(string target, byte[] content, MemoryBundle files, string role)
    {
        TargetsMetadata newest = Targets(role);
        if (role != TrustFormat.Targets && !Delegated(role).Covers(target))
        {
            throw new SkillRefusedException(
                $"{role} may not vouch for {target}; it may for {string.Join(", ", Delegated(role).Paths)}");
        }

        var note = new TargetNote(content.Length, Digest.Of(content));
        foreach (string other in Holders())
        {
            if (Targets(other).Targets.TryGetValue(target, out TargetNote before) && before != note)
            {
                throw new SkillRefusedException(
                    $"{other} vouches for another {target}; what differs needs another version");
            }
        }

        foreach (string name in files.Names)
        {
            _folder.Write(name, files[name]);
        }

        _folder.Write(TargetName(target, note.Hash), content);
        SortedDictionary<string, TargetNote> targets = new(newest.Targets, StringComparer.Ordinal)
        {
            [target] = note,
        };
        Change(role, newest with { Targets = targets });
    }

    /// <summary>Has nobody vouch for a skill any more. Nodes that have it already are not reached by
    /// this.</summary>
    /// <param name="target">Which: <c>pricing/1.2.0</c>.</param>
    public RepositoryNews Withdraw(string target) => Guarded(() =>
    {
        string[] holders = [.. Holders().Where(role => Targets(role).Targets.ContainsKey(target))];
        if (holders.Length == 0)
        {
            throw new SkillRefusedException($"nobody vouches for {target}");
        }

        foreach (string role in holders)
        {
            TargetsMetadata newest = Targets(role);
            SortedDictionary<string, TargetNote> targets = new(newest.Targets, StringComparer.Ordinal);
            _ = targets.Remove(target);
            Change(role, newest with { Targets = targets });
        }

        _folder.Write(PackageFormat.IndexFile, Index());
    });

    /// <summary>Lets a role of its own vouch for some targets: an author's.</summary>
    /// <param name="name">The role's name.</param>
    /// <param name="keys">Its keys. They replace those that it had.</param>
    /// <param name="paths">Patterns of targets: <c>pricing/*</c>.</param>
    public RepositoryNews Delegate(string name, RoleKeys keys, IReadOnlyList<string> paths) => Guarded(() =>
    {
        if (!CapabilityManifest.IsName(name) || TrustFormat.Roles.Contains(name))
        {
            throw new SkillRefusedException(
                $"'{name}' cannot be a role's name: small letters, digits and hyphens, and none of "
                    + string.Join(", ", TrustFormat.Roles));
        }

        if (paths.Count == 0 || paths.FirstOrDefault(path => !IsPattern(path)) is not null)
        {
            throw new SkillRefusedException(
                "a pattern is of small letters, digits, hyphens, dots, slashes, * and ?: pricing/*");
        }

        TargetsMetadata newest = Targets(TrustFormat.Targets);
        var delegation = new Delegation(name, Role(name, keys), [.. paths], false);
        Delegation[] others = [.. newest.Delegations.Where(one => one.Name != name)];
        Change(TrustFormat.Targets, newest with { Delegations = [.. others, delegation] });
        if (_folder.Newest(name) is null)
        {
            Draft(name, new TargetsMetadata(
                1, Expiry(name), new(StringComparer.Ordinal), []).ToJson());
        }
    });

    /// <summary>Replaces keys of a role that root names.</summary>
    /// <param name="role">The role.</param>
    /// <param name="take">Names of keys that it loses.</param>
    /// <param name="give">Keys that it gets.</param>
    /// <param name="threshold">How many must sign from now on; null for as many as before.</param>
    public RepositoryNews Rotate(
        string role, IReadOnlyList<string> take, IReadOnlyList<TrustKey> give, int? threshold = null) =>
        Guarded(() =>
        {
            RootMetadata newest = Root(_folder.Draft(TrustFormat.Root)
                ?? _folder.Newest(TrustFormat.Root)?.File
                ?? throw new SkillRefusedException("there is no repository: 'hanse skill repo new'"));
            if (!newest.Roles.TryGetValue(role, out TrustRole? before))
            {
                throw new SkillRefusedException(
                    $"root names no role '{role}'; it names {string.Join(", ", TrustFormat.Roles)}");
            }

            if (take.FirstOrDefault(keyId => !before.Keys.ContainsKey(keyId)) is { } strange)
            {
                throw new SkillRefusedException($"{role} does not have the key {strange}");
            }

            IEnumerable<TrustKey> keys = before.Keys.Values.Where(key => !take.Contains(key.KeyId));
            var roles = new SortedDictionary<string, TrustRole>(newest.Roles, StringComparer.Ordinal)
            {
                [role] = Role(role, new RoleKeys([.. keys, .. give], threshold ?? before.Threshold)),
            };
            Draft(TrustFormat.Root, (newest with
            {
                Version = (PublishedRoot()?.Version ?? 0) + 1,
                Expires = Expiry(TrustFormat.Root),
                Roles = roles,
            }).ToJson());
        });

    /// <summary>Signs a timestamp anew, and whatever else is to be: nothing is changed by it but how long it
    /// is good.</summary>
    /// <param name="roles">Which; timestamp when empty.</param>
    public RepositoryNews Refresh(params IReadOnlyList<string> roles) => Guarded(() =>
    {
        foreach (string role in roles.Count == 0 ? [TrustFormat.Timestamp] : roles)
        {
            Published newest = _folder.Newest(role)
                ?? throw new SkillRefusedException($"no {role} is published yet");
            Again(role, newest.File);
        }
    });

    /// <summary>Signs what waits with the keys at hand, and publishes what is complete.</summary>
    public RepositoryNews Settle() => Guarded(() => { });

    /// <summary>Names of packages that some role vouches for, drafts included, in order.</summary>
    public IReadOnlyList<string> Listed() =>
    [
        .. Holders().SelectMany(role => Targets(role).Targets.Keys).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Where other clients of The Update Framework look for a target.</summary>
    internal static string TargetName(string target, Digest image)
    {
        int slash = target.LastIndexOf('/');
        return $"targets/{target[..(slash + 1)]}{image}.{target[(slash + 1)..]}";
    }

    private RepositoryNews Guarded(Action change)
    {
        _published.Clear();
        _waiting.Clear();
        try
        {
            change();
            SettleAll();
            return new RepositoryNews([.. _published], [.. _waiting], null);
        }
        catch (Exception refused) when (refused is SkillRefusedException or TrustRefusedException)
        {
            return new RepositoryNews([.. _published], [.. _waiting], Json.Printable(refused.Message));
        }
    }

    private void SettleAll()
    {
        SettleRoot();
        if (PublishedRoot() is not { } root)
        {
            return;
        }

        SettleRole(TrustFormat.Targets, root.Roles[TrustFormat.Targets]);
        if (_folder.Newest(TrustFormat.Targets) is not { } targets)
        {
            return;
        }

        var files = new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
        {
            [TrustFormat.FileName(TrustFormat.Targets, null)] = NoteOf(targets),
        };
        foreach (Delegation delegation in TargetsOf(targets.File).Delegations)
        {
            SettleRole(delegation.Name, delegation.Role);
            if (_folder.Newest(delegation.Name) is { } delegated)
            {
                files[TrustFormat.FileName(delegation.Name, null)] = NoteOf(delegated);
            }
        }

        SettleSnapshot(root, files);
        SettleTimestamp(root);
    }

    private void SettleRoot()
    {
        if (_folder.Draft(TrustFormat.Root) is not { } draft)
        {
            return;
        }

        RootMetadata next = Root(draft);
        TrustRole self = next.Roles[TrustFormat.Root];
        TrustRole before = PublishedRoot()?.Roles[TrustFormat.Root] ?? self;
        foreach (SigningKey key in _keys.Where(key =>
            self.Keys.ContainsKey(key.Public.KeyId) || before.Keys.ContainsKey(key.Public.KeyId)))
        {
            _ = draft.Sign(key);
        }

        _folder.SetDraft(TrustFormat.Root, draft);
        if (Lacks(draft, before) == 0 && Lacks(draft, self) == 0)
        {
            _published.Add(_folder.Publish(TrustFormat.Root, next.Version, draft));
            return;
        }

        _waiting.Add(next.Version == 1 ? $"root 1 waits for {Signatures(Lacks(draft, self))}"
            : $"root {next.Version} waits for {Signatures(Lacks(draft, before))} by keys of the root before, "
                + $"and for {Signatures(Lacks(draft, self))} by its own");
    }

    // Signs and publishes a draft. What is published and does not hold any more is drafted again first.
    private void SettleRole(string role, TrustRole signers)
    {
        if (_folder.Draft(role) is null && _folder.Newest(role) is { } newest
            && Lacks(newest.File, signers) > 0)
        {
            Again(role, newest.File);
        }

        if (_folder.Draft(role) is not { } draft)
        {
            return;
        }

        foreach (SigningKey key in _keys.Where(key => signers.Keys.ContainsKey(key.Public.KeyId)))
        {
            _ = draft.Sign(key);
        }

        _folder.SetDraft(role, draft);
        long version = draft.Signed.Number("version", 1, Json.NumberMax);
        if (Lacks(draft, signers) == 0)
        {
            _published.Add(_folder.Publish(role, version, draft));
        }
        else
        {
            _waiting.Add($"{role} {version} waits for {Signatures(Lacks(draft, signers))}");
        }
    }

    private void SettleSnapshot(RootMetadata root, SortedDictionary<string, FileNote> files)
    {
        SnapshotMetadata? newest = _folder.Newest(TrustFormat.Snapshot) is { } published
            ? SnapshotMetadata.Read(published.File.Signed, published.Name) : null;

        // A file that was listed once stays listed: clients take a shorter list for an attack.
        foreach ((string name, FileNote note) in newest?.Files ?? [])
        {
            _ = files.TryAdd(name, note);
        }

        SnapshotMetadata? draft = _folder.Draft(TrustFormat.Snapshot) is { } waiting
            ? SnapshotMetadata.Read(waiting.Signed, TrustFormat.Snapshot) : null;
        if (!files.SequenceEqual(draft?.Files ?? newest?.Files ?? []))
        {
            Draft(TrustFormat.Snapshot, new SnapshotMetadata(
                (newest?.Version ?? 0) + 1, Expiry(TrustFormat.Snapshot), files).ToJson());
        }

        SettleRole(TrustFormat.Snapshot, root.Roles[TrustFormat.Snapshot]);
    }

    private void SettleTimestamp(RootMetadata root)
    {
        if (_folder.Newest(TrustFormat.Snapshot) is not { } snapshot)
        {
            return;
        }

        FileNote note = NoteOf(snapshot);
        TimestampMetadata? newest = _folder.Newest(TrustFormat.Timestamp) is { } published
            ? TimestampMetadata.Read(published.File.Signed, published.Name) : null;
        TimestampMetadata? draft = _folder.Draft(TrustFormat.Timestamp) is { } waiting
            ? TimestampMetadata.Read(waiting.Signed, TrustFormat.Timestamp) : null;
        if ((draft ?? newest)?.Snapshot != note)
        {
            Draft(TrustFormat.Timestamp, new TimestampMetadata(
                (newest?.Version ?? 0) + 1, Expiry(TrustFormat.Timestamp), note).ToJson());
        }

        SettleRole(TrustFormat.Timestamp, root.Roles[TrustFormat.Timestamp]);
    }

    // The same again, one version on.
    private void Again(string role, SignedFile file) => Draft(role, file.Signed.With(
        ("version", Json.Of(file.Signed.Number("version", 1, Json.NumberMax - 1) + 1)),
        ("expires", Json.Of(MissionEpoch.Text(Expiry(role))))));

    private void Change(string role, TargetsMetadata changed)
    {
        TargetsMetadata next = changed with
        {
            Version = (_folder.Newest(role) is { } newest ? TargetsOf(newest.File).Version : 0) + 1,
            Expires = Expiry(role),
        };
        if (next.Targets.Count > TrustFormat.TargetsMax || next.Delegations.Length > TrustFormat.RolesMax)
        {
            throw new SkillRefusedException(
                $"{role} would vouch for more than {Json.Figure(TrustFormat.TargetsMax)} skills, or delegate "
                    + $"to more than {TrustFormat.RolesMax} roles, which clients do not read; withdraw some");
        }

        Draft(role, next.ToJson());
    }

    private void Draft(string role, Json signed) => _folder.SetDraft(role, SignedFile.Of(signed));

    private long Expiry(string role) => _lifetimes.From(role, _now);

    private RootMetadata? PublishedRoot() =>
        _folder.Newest(TrustFormat.Root) is { } newest ? Root(newest.File) : null;

    private static RootMetadata Root(SignedFile file) => RootMetadata.Read(file.Signed, TrustFormat.Root);

    private static TargetsMetadata TargetsOf(SignedFile file) =>
        TargetsMetadata.Read(file.Signed, TrustFormat.Targets);

    // As a role would vouch once its draft is signed.
    private TargetsMetadata Targets(string role) => TargetsOf(
        _folder.Draft(role) ?? _folder.Newest(role)?.File
            ?? throw new SkillRefusedException($"there is no role '{role}' here"));

    private Delegation Delegated(string role) =>
        Targets(TrustFormat.Targets).Delegations.FirstOrDefault(one => one.Name == role)
            ?? throw new SkillRefusedException($"targets does not delegate to '{role}'");

    private IEnumerable<string> Holders() =>
        [TrustFormat.Targets, .. Targets(TrustFormat.Targets).Delegations.Select(one => one.Name)];

    private byte[] Index() => SkillPackage.IndexOf(Images().DistinctBy(one => one.Target));

    private IEnumerable<(string Target, byte[] Image)> Images()
    {
        foreach (string role in Holders())
        {
            foreach ((string target, TargetNote note) in Targets(role).Targets)
            {
                if (_folder.Layout.Read(PackageFormat.BlobName(note.Hash), PackageFormat.ImageBytesMax, out _)
                    is { } image)
                {
                    yield return (target, image);
                }
            }
        }
    }

    private static FileNote NoteOf(Published published) =>
        FileNote.Of(published.File.Signed.Number("version", 1, Json.NumberMax), published.Bytes);

    private static int Lacks(SignedFile file, TrustRole role) =>
        Math.Max(0, role.Threshold - file.Count(role).Good);

    private static string Signatures(int count) => count == 1 ? "1 signature" : $"{count} signatures";

    private static TrustRole Role(string name, RoleKeys keys)
    {
        var role = TrustRole.Of(keys.Keys, keys.Threshold);
        return keys.Threshold >= 1 && keys.Threshold <= role.Keys.Count ? role
            : throw new SkillRefusedException(
                $"{name} would take {keys.Threshold} signatures and have {role.Keys.Count} keys");
    }

    private static bool IsPattern(string path) => path.Length is > 0 and <= 128
        && path.Split('/').All(part => part.Length > 0 && part[0] != '.' && part.All(letter =>
            letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '.' or '*' or '?'));
}
