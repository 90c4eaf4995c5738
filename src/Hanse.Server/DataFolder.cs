using System;
using System.IO;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Stores;

namespace Hanse.Server;

/// <summary>Where a server keeps what must survive it: its store, its secret, its certificate.</summary>
/// <remarks>
/// <code>
/// hanse.db      the store; back it up with 'hanse store backup'
/// secret        32 bytes that all keys of hubs are made from; whoever has it can speak as them
/// tls.pfx       the certificate by which nodes know this server, and its key
/// tls.sha256    the certificate's digest, for nodes
/// gateway.pub   the key by which nodes know answers, for nodes: its public half
/// operators     who may order what; see OperatorBook
/// admin.token   the first operator's token
/// </code>
/// The folder is readable by its owner only. A certificate that is about to expire is replaced when the
/// server starts, which nodes that know the old digest have to be told.
/// </remarks>
public sealed class DataFolder
{
    private const int SecretLength = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan _certificateLife = TimeSpan.FromDays(825);
    private static readonly TimeSpan _certificateLeft = TimeSpan.FromDays(30);

    private readonly byte[] _secret;

    private DataFolder(string path, byte[] secret)
    {
        Path = path;
        _secret = secret;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The store's file.</summary>
    public string StorePath => System.IO.Path.Combine(Path, "hanse.db");

    /// <summary>Opens a folder, or makes one.</summary>
    /// <exception cref="StoreException">Its secret is missing or spoiled, though it has a store.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static DataFolder Open(string path)
    {
        _ = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(path)
            : Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        string file = System.IO.Path.Combine(path, "secret");
        if (!File.Exists(file))
        {
            if (File.Exists(System.IO.Path.Combine(path, "hanse.db")))
            {
                throw new StoreException(
                    $"'{file}' is missing, and hubs that have signed with keys made from it cannot go on "
                    + "with others: put it back");
            }

            WriteNew(file, RandomNumberGenerator.GetBytes(SecretLength));
        }

        byte[] secret = File.ReadAllBytes(file);
        return secret.Length == SecretLength
            ? new DataFolder(path, secret)
            : throw new StoreException($"'{file}' is spoiled: put back the file of {SecretLength} bytes");
    }

    /// <summary>The key of one machine of this server.</summary>
    /// <param name="machine">Which, such as <c>hub/7</c>.</param>
    public Ed25519Keys KeyOf(string machine)
    {
        byte[] seed = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, _secret, Ed25519Keys.SeedLength,
            info: Encoding.ASCII.GetBytes("hanse/key/1/" + machine));
        _ = Ed25519Keys.TryImport(seed, out Ed25519Keys? key);
        CryptographicOperations.ZeroMemory(seed);
        return key!;
    }

    /// <summary>Writes down by which key nodes know answers.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Show(GatewayKeys keys) => File.WriteAllText(
        System.IO.Path.Combine(Path, "gateway.pub"), Convert.ToHexStringLower(keys.Key) + "\n");

    /// <summary>The certificate; a new one signed by itself when there is none, or it is about to
    /// expire.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public X509Certificate2 Certificate(DateTimeOffset now)
    {
        string file = System.IO.Path.Combine(Path, "tls.pfx");
        if (File.Exists(file))
        {
            X509Certificate2 known = X509CertificateLoader.LoadPkcs12FromFile(file, password: null);
            if (now + _certificateLeft < known.NotAfter)
            {
                return known;
            }

            known.Dispose();
            File.Move(file, file + ".old", overwrite: true);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hanse", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Dns.GetHostName());
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now + _certificateLife);
        WriteNew(file, made.Export(X509ContentType.Pfx));
        X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12FromFile(file, password: null);
        File.WriteAllText(
            System.IO.Path.Combine(Path, "tls.sha256"), FingerprintOf(certificate) + "\n");
        return certificate;
    }

    /// <summary>SHA-256 of a certificate, in hexadecimal digits: what nodes know a server by.</summary>
    public static string FingerprintOf(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));

    /// <summary>Writes a file that is not there yet, readable by its owner only, durably.</summary>
    internal static void WriteNew(string path, byte[] bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var stream = new FileStream(path, options);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }
}
