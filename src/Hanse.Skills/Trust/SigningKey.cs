using System;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Skills.Packages;
using NSec.Cryptography;

namespace Hanse.Skills.Trust;

/// <summary>A private Ed25519 key that signs metadata.</summary>
/// <remarks>Held in locked memory that is wiped when the key is disposed of. Signatures are deterministic
/// (RFC 8032): the same metadata under the same keys has the same bytes.</remarks>
public sealed class SigningKey : IDisposable
{
    /// <summary>Bytes of a private key, its seed.</summary>
    public const int SeedLength = 32;

    private readonly Key _key;

    private SigningKey(Key key)
    {
        _key = key;
        Public = TrustKey.Ed25519(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    /// <summary>The public half.</summary>
    public TrustKey Public { get; }

    /// <summary>A new key from the system's own randomness.</summary>
    public static SigningKey Generate() => new(Key.Create(
        SignatureAlgorithm.Ed25519,
        new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }));

    /// <summary>The key of a seed.</summary>
    /// <param name="seed">Its <see cref="SeedLength"/> bytes.</param>
    /// <exception cref="FormatException">It has another length.</exception>
    public static SigningKey Import(ReadOnlySpan<byte> seed) => new(Key.Import(
        SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey,
        new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport }));

    /// <summary>Signs a message.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    /// <summary>The private key, to be kept in a safe place.</summary>
    public byte[] ExportSeed() => _key.Export(KeyBlobFormat.RawPrivateKey);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}

/// <summary>A public key as metadata has it, named by its digest.</summary>
/// <remarks>The name is SHA-256 of the key's canonical JSON, all its members included. One key may thus have
/// several names, so signatures are counted by the key itself.</remarks>
public sealed class TrustKey
{
    /// <summary>Bytes of a public key.</summary>
    public const int Length = 32;

    private const string Ed25519Name = "ed25519";

    private readonly Json _json;

    private TrustKey(Json json, byte[]? raw)
    {
        _json = json;
        Raw = raw;
        KeyId = Digest.Of(json.Canonical()).ToString();
    }

    /// <summary>Its name: 64 hexadecimal digits.</summary>
    public string KeyId { get; }

    /// <summary>The raw key; null when it is of a kind that is not known here, and so signs
    /// nothing.</summary>
    public byte[]? Raw { get; }

    /// <summary>An Ed25519 key.</summary>
    public static TrustKey Ed25519(byte[] raw) => new(
        Json.Object(
            ("keytype", Json.Of(Ed25519Name)), ("scheme", Json.Of(Ed25519Name)),
            ("keyval", Json.Object(("public", Json.Of(Convert.ToHexStringLower(raw)))))),
        raw);

    /// <summary>Whether a signature over a message is by this key. False for anything malformed.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Raw is not null && signature.Length == SignatureAlgorithm.Ed25519.SignatureSize
            && PublicKey.TryImport(
                SignatureAlgorithm.Ed25519, Raw, KeyBlobFormat.RawPublicKey, out PublicKey? key)
            && key is not null && SignatureAlgorithm.Ed25519.Verify(key, message, signature);

    /// <summary>Reads a key.</summary>
    /// <exception cref="SkillRefusedException">It is none.</exception>
    internal static TrustKey Read(Json json)
    {
        string type = json.Text("keytype");
        string scheme = json.Text("scheme");
        string text = json.Inner("keyval", 16).Text("public", 4_096);
        if (type != Ed25519Name || scheme != Ed25519Name)
        {
            return new TrustKey(json, null);
        }

        return text.Length == 2 * Length && text.All(char.IsAsciiHexDigit)
            ? new TrustKey(json, Convert.FromHexString(text))
            : throw new SkillRefusedException("an ed25519 key is not 64 hexadecimal digits");
    }

    /// <summary>As metadata has it.</summary>
    internal Json ToJson() => _json;
}
