using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Trust;

/// <summary>A file that a role vouches for.</summary>
/// <param name="Length">Its bytes.</param>
/// <param name="Hash">Its SHA-256.</param>
internal readonly record struct TargetNote(long Length, Digest Hash)
{
    public static TargetNote Read(Json json) =>
        new(json.Number("length", 0, Json.NumberMax), FileNote.ReadHash(json));

    public Json ToJson() => Json.Object(
        ("length", Json.Of(Length)),
        ("hashes", Json.Object(("sha256", Json.Of(Hash.ToString())))));
}

/// <summary>A role that may vouch for some targets.</summary>
/// <param name="Name">Its name: a name of a skill's kind.</param>
/// <param name="Role">Who signs for it.</param>
/// <param name="Paths">Patterns of targets; <c>*</c> and <c>?</c> stand for signs other than the
/// slash.</param>
/// <param name="IsTerminating">Whether no later role is asked for what matches.</param>
internal sealed record Delegation(string Name, TrustRole Role, string[] Paths, bool IsTerminating)
{
    public static Delegation Read(Json json, SortedDictionary<string, TrustKey> keys)
    {
        string name = json.Text("name");
        if (!CapabilityManifest.IsName(name) || TrustFormat.Roles.Contains(name))
        {
            throw new SkillRefusedException(
                "a delegated role has a name that is taken, or not of small letters, digits and hyphens");
        }

        if (json.Find("path_hash_prefixes") is not null)
        {
            throw new SkillRefusedException(
                $"{name} is given targets by hashes of paths; patterns are known");
        }

        return new Delegation(
            name, TrustRole.Read(json, keys), json.Texts("paths", TrustFormat.PathsMax),
            json.Find("terminating") is not null && json.Flag("terminating"));
    }

    public Json ToJson() => Json.Object(
    [
        .. Role.Members(), ("name", Json.Of(Name)), ("paths", Json.List(Paths)),
        ("terminating", Json.Of(IsTerminating)),
    ]);

    /// <summary>Whether it may vouch for a target.</summary>
    public bool Covers(string target) => Paths.Any(pattern => Matches(pattern, target));

    /// <summary>Whether a target is of a pattern, part by part.</summary>
    public static bool Matches(string pattern, string target)
    {
        string[] patterns = pattern.Split('/');
        string[] parts = target.Split('/');
        return patterns.Length == parts.Length
            && patterns.Zip(parts).All(pair => PartMatches(pair.First, pair.Second));
    }

    // Goes back to the last star only: each sign of the text is looked at once for each of the pattern.
    private static bool PartMatches(string pattern, string text)
    {
        (int p, int t, int star, int tried) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, tried) = (p++, t);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++tried;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].All(letter => letter == '*');
    }
}

/// <summary>What a role vouches for, and which roles may vouch for more.</summary>
internal sealed record TargetsMetadata(
    long Version, long Expires, SortedDictionary<string, TargetNote> Targets, Delegation[] Delegations)
    : Metadata(TrustFormat.Targets, Version, Expires)
{
    public static TargetsMetadata Read(Json json, string what)
    {
        (long version, long expires) = ReadHead(json, TrustFormat.Targets, what);
        Json listed = json.Inner("targets", TrustFormat.TargetsMax);
        var targets = new SortedDictionary<string, TargetNote>(StringComparer.Ordinal);
        foreach (string target in listed.Names)
        {
            targets[target] = TargetNote.Read(listed.Member(target));
        }

        return new TargetsMetadata(version, expires, targets, ReadDelegations(json));
    }

    public Json ToJson() => Written(
        ("targets", Json.Object(Targets.Select(one => (one.Key, (Json?)one.Value.ToJson())))),
        ("delegations", Delegations.Length == 0 ? null : Json.Object(
            ("keys", TrustRole.KeysToJson(Delegations.SelectMany(one => one.Role.Keys.Values))),
            ("roles", Json.List(Delegations.Select(one => one.ToJson()))))));

    private static Delegation[] ReadDelegations(Json json)
    {
        if (json.Find("delegations") is null)
        {
            return [];
        }

        Json inner = json.Inner("delegations", 16);
        SortedDictionary<string, TrustKey> keys = TrustRole.ReadKeys(inner);
        Delegation[] read =
        [
            .. inner.Items("roles", TrustFormat.RolesMax).Select(role => Delegation.Read(role, keys)),
        ];
        return read.DistinctBy(role => role.Name).Count() == read.Length ? read
            : throw new SkillRefusedException("two delegated roles have one name");
    }
}
