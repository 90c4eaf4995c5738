using System;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Trust;

/// <summary>A target that roles vouch for.</summary>
/// <param name="Path">Its name: <c>pricing/1.2.0</c>.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Hash">Its SHA-256.</param>
/// <param name="Role">The role that vouches.</param>
public sealed record VerifiedTarget(string Path, long Length, Digest Hash, string Role)
{
    /// <summary>How many keys that role takes, each of which has signed.</summary>
    public int Threshold { get; init; } = 1;

    /// <summary>Whether content is what was vouched for.</summary>
    /// <param name="content">The content.</param>
    /// <param name="sentence">What differs; empty when nothing does.</param>
    public TrustReason Check(ReadOnlySpan<byte> content, out string sentence)
    {
        sentence = content.Length != Length
            ? $"{Path} has {content.Length} bytes; {Role} vouches for {Length}"
            : Digest.Of(content) != Hash ? $"{Path} is not what {Role} vouches for" : "";
        return sentence.Length == 0 ? TrustReason.None
            : content.Length != Length ? TrustReason.WrongLength : TrustReason.WrongHash;
    }
}

/// <summary>What came of an update.</summary>
/// <param name="State">What is trusted now. Steps before the one that failed are kept: a root that was
/// followed stays followed.</param>
/// <param name="Target">The target that was asked for; null when there is none, or none was asked
/// for.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Sentence">More about the reason, for people; empty when all went well.</param>
public sealed record TrustOutcome(
    TrustState State, VerifiedTarget? Target, TrustReason Reason, string Sentence);

/// <summary>A client of The Update Framework: what files that came from anywhere are allowed to
/// change.</summary>
/// <remarks>
/// The problem: a node that is out of reach gets its skills through many hands, any of which may have been
/// taken over, and cannot ask anybody. The idea (Samuel, Mathewson, Cappos, Dingledine, "Survivable key
/// compromise in software update systems", CCS 2010; specification 1.0, section 5): four roles, each with
/// keys of its own and a number of signatures that it takes. Root says who may sign, targets what is
/// genuine, snapshot what belongs together, timestamp what is newest. Whoever holds some keys but not all
/// can do little, and a new root takes away what he has.
/// <para>
/// Everything happens at one instant of mission time that is handed in; nothing is fetched and no clock is
/// read. Files are taken from a bundle by name, each with a limit before it is read. Order and checks are
/// those of sections 5.3 to 5.6. One level of delegated roles is followed; what they delegate is not.
/// </para>
/// </remarks>
public static class TrustUpdate
{
    /// <summary>Applies a bundle.</summary>
    /// <param name="state">What is trusted.</param>
    /// <param name="files">The files, whatever they are: <c>2.root.json</c>, <c>timestamp.json</c>.</param>
    /// <param name="now">The instant at which metadata must not have expired.</param>
    /// <param name="target">A target to look for; null to update only.</param>
    public static TrustOutcome Apply(TrustState state, IBundle files, Instant now, string? target = null)
    {
        var update = new Steps(state, files, state.Epoch.At(now));
        try
        {
            update.FollowRoots();
            update.TakeTimestamp();
            update.TakeSnapshot();
            TargetsMetadata targets = update.TakeTargets(
                TrustFormat.Targets, update.State.Root.Roles[TrustFormat.Targets]);
            VerifiedTarget? found = target is null ? null : update.Find(targets, target);
            return new TrustOutcome(update.State, found, TrustReason.None, "");
        }
        catch (TrustRefusedException refused)
        {
            return new TrustOutcome(update.State, null, refused.Reason, Json.Printable(refused.Message));
        }
    }

    private sealed class Steps(TrustState state, IBundle files, long now)
    {
        public TrustState State { get; private set; } = state;

        // Section 5.3: from one root to the next, each signed by its forerunner and by itself.
        public void FollowRoots()
        {
            for (int i = 0; i < TrustFormat.RootsMax; i++)
            {
                string name = TrustFormat.FileName(TrustFormat.Root, State.RootVersion + 1);
                byte[]? bytes = files.Read(name, TrustFormat.RootBytesMax, out bool isTooLong);
                if (isTooLong)
                {
                    throw TooLong(name, TrustFormat.RootBytesMax);
                }

                if (bytes is null)
                {
                    break;
                }

                SignedFile file = Parsed(name, () => SignedFile.Read(bytes));
                file.Require(State.Root.Roles[TrustFormat.Root], name);
                RootMetadata next = Parsed(name, () => RootMetadata.Read(file.Signed, name));
                file.Require(next.Roles[TrustFormat.Root], name);
                if (next.Version != State.RootVersion + 1)
                {
                    throw next.Version <= State.RootVersion
                        ? new TrustRefusedException(
                            TrustReason.Rollback, $"{name} is version {next.Version}; trusted is "
                                + $"{State.RootVersion}")
                        : new TrustRefusedException(
                            TrustReason.MixAndMatch, $"{name} is version {next.Version}");
                }

                State = State.With(bytes, next);
            }

            Unexpired(State.Root, "the root");
        }

        // Section 5.4. An equal version changes nothing: the one that is trusted is gone on with.
        public void TakeTimestamp()
        {
            string name = TrustFormat.FileName(TrustFormat.Timestamp, null);
            byte[] bytes = Required(name, TrustFormat.TimestampBytesMax);
            SignedFile file = Parsed(name, () => SignedFile.Read(bytes));
            file.Require(State.Root.Roles[TrustFormat.Timestamp], name);
            TimestampMetadata next = Parsed(name, () => TimestampMetadata.Read(file.Signed, name));
            if (State.Timestamp is { } trusted)
            {
                NotOlder(name, next.Version, trusted.Version);
                NotOlder($"the snapshot that {name} names", next.Snapshot.Version, trusted.Snapshot.Version);
                if (next.Version == trusted.Version)
                {
                    Unexpired(trusted, name);
                    return;
                }
            }

            Unexpired(next, name);
            State = State.WithTimestamp(bytes);
        }

        // Section 5.5. The one that is trusted will do when it is the one that is named.
        public void TakeSnapshot()
        {
            FileNote note = State.Timestamp!.Snapshot;
            string name = FileName(TrustFormat.Snapshot, note.Version);
            byte[] bytes = State.Snapshot?.Version == note.Version && IsNoted(State.SnapshotBytes!, note)
                ? State.SnapshotBytes! : Noted(name, note, TrustFormat.SnapshotBytesMax, "the timestamp");
            SignedFile file = Parsed(name, () => SignedFile.Read(bytes));
            file.Require(State.Root.Roles[TrustFormat.Snapshot], name);
            SnapshotMetadata next = Parsed(name, () => SnapshotMetadata.Read(file.Signed, name));
            OfVersion(name, next.Version, note.Version, "the timestamp");
            foreach ((string listed, FileNote before) in State.Snapshot?.Files ?? [])
            {
                if (!next.Files.TryGetValue(listed, out FileNote after))
                {
                    throw new TrustRefusedException(
                        TrustReason.Rollback,
                        $"{name} leaves out {listed}, which the trusted snapshot lists");
                }

                NotOlder($"{listed} in {name}", after.Version, before.Version);
            }

            Unexpired(next, name);
            State = State.WithSnapshot(bytes);
        }

        // Section 5.6, for the targets role and for those it delegates to.
        public TargetsMetadata TakeTargets(string role, TrustRole signers)
        {
            string plain = TrustFormat.FileName(role, null);
            if (!State.Snapshot!.Files.TryGetValue(plain, out FileNote note))
            {
                throw new TrustRefusedException(TrustReason.Missing, $"the snapshot does not list {plain}");
            }

            string name = FileName(role, note.Version);
            byte[] bytes = Noted(name, note, TrustFormat.TargetsBytesMax, "the snapshot");
            SignedFile file = Parsed(name, () => SignedFile.Read(bytes));
            file.Require(signers, name);
            TargetsMetadata next = Parsed(name, () => TargetsMetadata.Read(file.Signed, name));
            OfVersion(name, next.Version, note.Version, "the snapshot");
            Unexpired(next, name);
            return next;
        }

        public VerifiedTarget Find(TargetsMetadata targets, string target)
        {
            if (targets.Targets.TryGetValue(target, out TargetNote note))
            {
                return new VerifiedTarget(target, note.Length, note.Hash, TrustFormat.Targets)
                {
                    Threshold = State.Root.Roles[TrustFormat.Targets].Threshold,
                };
            }

            foreach (Delegation delegation in targets.Delegations)
            {
                if (!delegation.Covers(target))
                {
                    continue;
                }

                TargetsMetadata delegated = TakeTargets(delegation.Name, delegation.Role);
                if (delegated.Targets.TryGetValue(target, out note))
                {
                    return new VerifiedTarget(target, note.Length, note.Hash, delegation.Name)
                    {
                        Threshold = delegation.Role.Threshold,
                    };
                }

                if (delegation.IsTerminating)
                {
                    break;
                }
            }

            throw new TrustRefusedException(
                TrustReason.NoSuchTarget, $"no role that may vouch for {target} does");
        }

        private string FileName(string role, long version) =>
            TrustFormat.FileName(role, State.Root.IsConsistent ? version : null);

        private byte[] Required(string name, int most)
        {
            byte[]? bytes = files.Read(name, most, out bool isTooLong);
            return bytes ?? throw (isTooLong ? TooLong(name, most)
                : new TrustRefusedException(TrustReason.Missing, $"{name} is not there"));
        }

        // Length and digest are checked before a signature: they come from metadata that is trusted.
        private byte[] Noted(string name, FileNote note, int most, string by)
        {
            byte[] bytes = Required(name, (int)Math.Min(most, note.Length ?? most));
            return IsNoted(bytes, note) ? bytes
                : throw new TrustRefusedException(
                    TrustReason.MixAndMatch, $"{name} is not the one that {by} names");
        }

        private static bool IsNoted(byte[] bytes, FileNote note) =>
            (note.Length is null || note.Length == bytes.Length)
            && (note.Hash is null || note.Hash == Digest.Of(bytes));

        private static void OfVersion(string name, long version, long named, string by)
        {
            if (version != named)
            {
                throw new TrustRefusedException(
                    TrustReason.MixAndMatch, $"{name} is version {version}; {by} names {named}");
            }
        }

        private static void NotOlder(string what, long version, long trusted)
        {
            if (version < trusted)
            {
                throw new TrustRefusedException(
                    TrustReason.Rollback, $"{what} is version {version}; trusted is {trusted}");
            }
        }

        private void Unexpired(Metadata metadata, string what)
        {
            if (metadata.Expires <= now)
            {
                throw new TrustRefusedException(
                    TrustReason.Expired, $"{what} expired on {MissionEpoch.Text(metadata.Expires)}; it is "
                        + $"{MissionEpoch.Text(now)}");
            }
        }

        private static TrustRefusedException TooLong(string name, int most) => new(
            TrustReason.EndlessData, $"{name} has more bytes than allowed: up to {Json.Figure(most)}");

        private static T Parsed<T>(string name, Func<T> read)
        {
            try
            {
                return read();
            }
            catch (SkillRefusedException refused)
            {
                throw new TrustRefusedException(TrustReason.Malformed, $"{name}: {refused.Message}");
            }
        }
    }
}
