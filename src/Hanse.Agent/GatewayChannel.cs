using System;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using Grpc.Net.Client;

namespace Hanse.Agent;

/// <summary>Opens channels to a gateway.</summary>
public static class GatewayChannel
{
    // A server that was started again is there after a second; one that stays away is not asked all the
    // time. Both are spread by the library.
    private static readonly TimeSpan _reconnectAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _reconnectAfterMax = TimeSpan.FromSeconds(30);

    private const string Owned = "The channel or the client disposes it.";

    /// <summary>A channel.</summary>
    /// <param name="address">Where the gateway listens.</param>
    /// <param name="fingerprint">SHA-256 of its certificate in hexadecimal digits: then that certificate is
    /// trusted, and no other. Null to trust whom this machine trusts.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = Owned)]
    public static GrpcChannel Open(Uri address, string? fingerprint = null) => GrpcChannel.ForAddress(
        address,
        new GrpcChannelOptions
        {
            HttpHandler = Handler(fingerprint),
            DisposeHttpClient = true,
            InitialReconnectBackoff = _reconnectAfter,
            MaxReconnectBackoff = _reconnectAfterMax,
        });

    /// <summary>A client for what is no gRPC.</summary>
    /// <param name="address">Where the gateway listens.</param>
    /// <param name="fingerprint">As for a channel.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = Owned)]
    public static HttpClient OpenHttp(Uri address, string? fingerprint = null) =>
        new(Handler(fingerprint)) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };

    private static SocketsHttpHandler Handler(string? fingerprint)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectTimeout = TimeSpan.FromSeconds(10),
        };
        if (fingerprint is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    Matches(certificate, fingerprint),
            };
        }

        return handler;
    }

    private static bool Matches(X509Certificate? certificate, string fingerprint) =>
        certificate is not null && string.Equals(
            Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData())), fingerprint,
            StringComparison.OrdinalIgnoreCase);
}
