using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Trust;

/// <summary>A file of metadata: what is signed, and the signatures.</summary>
internal sealed class SignedFile
{
    /// <summary>Signatures that a file may bear.</summary>
    public const int SignaturesMax = 64;

    private readonly SortedDictionary<string, string> _signatures = new(StringComparer.Ordinal);

    private SignedFile(Json signed)
    {
        Signed = signed;
        Message = signed.Canonical();
    }

    /// <summary>What is signed.</summary>
    public Json Signed { get; }

    /// <summary>The bytes that are signed.</summary>
    public byte[] Message { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="SkillRefusedException">It is none.</exception>
    public static SignedFile Read(ReadOnlySpan<byte> bytes)
    {
        Json json = Json.Parse(bytes);
        var file = new SignedFile(json.Member("signed"));
        foreach (Json entry in json.Items("signatures", SignaturesMax))
        {
            string keyId = entry.Text("keyid");
            if (!file._signatures.TryAdd(keyId, entry.Text("sig", 4_096)))
            {
                // The specification's own rule, 4.2: else one key could pass for several.
                throw new SkillRefusedException($"it bears two signatures of the key {Short(keyId)}");
            }
        }

        return file;
    }

    /// <summary>What is signed, without signatures.</summary>
    public static SignedFile Of(Json signed) => new(signed);

    /// <summary>Adds a signature.</summary>
    public SignedFile Sign(SigningKey key)
    {
        _signatures[key.Public.KeyId] = Convert.ToHexStringLower(key.Sign(Message));
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] ToBytes() => Json.Object(
        ("signatures", Json.List(_signatures.Select(one => Json.Object(
            ("keyid", Json.Of(one.Key)), ("sig", Json.Of(one.Value)))))),
        ("signed", Signed)).Canonical();

    /// <summary>Has this file borne out by a role.</summary>
    /// <param name="role">Whose keys count, and how many it takes.</param>
    /// <param name="what">The file's name.</param>
    /// <exception cref="TrustRefusedException">Too few of them signed.</exception>
    public void Require(TrustRole role, string what)
    {
        (int good, int bad, int strange) = Count(role);
        if (good >= role.Threshold)
        {
            return;
        }

        string counts = $"{what} bears {good} of the {role.Threshold} signatures it takes";
        throw bad > 0 ? new TrustRefusedException(
                TrustReason.BadSignature, $"{counts}; {bad} by its keys do not hold")
            : good == 0 && strange > 0 ? new TrustRefusedException(
                TrustReason.UnknownKey, $"{counts}; {strange} are by keys that may not sign it")
            : new TrustRefusedException(TrustReason.TooFewSignatures, counts);
    }

    /// <summary>How many of a role's keys signed: good signatures, those that do not hold, and those by
    /// others. A key counts once, under however many names it signs.</summary>
    public (int Good, int Bad, int Strange) Count(TrustRole role)
    {
        var good = new SortedSet<string>(StringComparer.Ordinal);
        (int bad, int strange) = (0, 0);
        foreach ((string keyId, string text) in _signatures)
        {
            if (!role.Keys.TryGetValue(keyId, out TrustKey? key))
            {
                strange++;
            }
            else if (text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit)
                && key.Verify(Message, Convert.FromHexString(text)))
            {
                _ = good.Add(Convert.ToHexStringLower(key.Raw!));
            }
            else
            {
                bad++;
            }
        }

        return (good.Count, bad, strange);
    }

    private static string Short(string keyId) => keyId.Length > 8 ? keyId[..8] : keyId;
}

/// <summary>Who may sign, and how many of them it takes.</summary>
internal sealed record TrustRole(SortedDictionary<string, TrustKey> Keys, int Threshold)
{
    /// <summary>Keys of a role, or of a file.</summary>
    public const int KeysMax = 64;

    /// <summary>A role of these keys.</summary>
    public static TrustRole Of(IEnumerable<TrustKey> keys, int threshold)
    {
        var sorted = new SortedDictionary<string, TrustKey>(StringComparer.Ordinal);
        foreach (TrustKey key in keys)
        {
            sorted[key.KeyId] = key;
        }

        return new TrustRole(sorted, threshold);
    }

    /// <summary>Reads a role out of an object that has its keys' names.</summary>
    /// <exception cref="SkillRefusedException">It is none, or can never be fulfilled.</exception>
    public static TrustRole Read(Json json, SortedDictionary<string, TrustKey> known)
    {
        string[] keyIds = json.Texts("keyids", KeysMax);
        var keys = new SortedDictionary<string, TrustKey>(StringComparer.Ordinal);
        foreach (string keyId in keyIds)
        {
            if (!known.TryGetValue(keyId, out TrustKey? key) || !keys.TryAdd(keyId, key))
            {
                throw new SkillRefusedException("a role names a key that is not there, or one key twice");
            }
        }

        int threshold = (int)json.Number("threshold", 1, KeysMax);
        return threshold <= keys.Count ? new TrustRole(keys, threshold)
            : throw new SkillRefusedException(
                $"a role takes {threshold} signatures and has {keys.Count} keys");
    }

    /// <summary>Reads the keys of a file, each under the name that is its digest.</summary>
    /// <exception cref="SkillRefusedException">They are not.</exception>
    public static SortedDictionary<string, TrustKey> ReadKeys(Json json)
    {
        var keys = new SortedDictionary<string, TrustKey>(StringComparer.Ordinal);
        Json inner = json.Inner("keys", KeysMax);
        foreach (string keyId in inner.Names)
        {
            var key = TrustKey.Read(inner.Member(keyId));
            keys[keyId] = key.KeyId == keyId ? key
                : throw new SkillRefusedException("a key has a name that is not its digest");
        }

        return keys;
    }

    /// <summary>Keys as a file has them.</summary>
    public static Json KeysToJson(IEnumerable<TrustKey> keys) => Json.Object(
        keys.DistinctBy(key => key.KeyId).Select(key => (key.KeyId, (Json?)key.ToJson())));

    /// <summary>Names of keys and the threshold.</summary>
    public (string, Json?)[] Members() =>
        [("keyids", Json.List(Keys.Keys)), ("threshold", Json.Of(Threshold))];
}
