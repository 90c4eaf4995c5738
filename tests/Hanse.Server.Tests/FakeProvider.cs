using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Hanse.Server.Tests;

/// <summary>An OpenID provider on this machine. It writes tokens by hand, so that they can be wrong in any
/// way.</summary>
internal sealed class FakeProvider : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly List<(string Id, RSA Key)> _keys = [];
    private int _calls;

    private FakeProvider(WebApplication web) => _web = web;

    /// <summary>Its address, and its name.</summary>
    public string Issuer => _web.Urls.First();

    /// <summary>The name that it gives itself, when it is another.</summary>
    public string? Says { get; set; }

    /// <summary>Whether it answers.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>How often it was asked.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public static async Task<FakeProvider> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication web = builder.Build();
        var provider = new FakeProvider(web);
        provider.AddKey();
        _ = web.MapGet("/{**path}", provider.Answer);
        await web.StartAsync();
        return provider;
    }

    /// <summary>Signs with a new key from now on.</summary>
    public void AddKey() => _keys.Add(($"key-{_keys.Count + 1}", RSA.Create(2048)));

    /// <summary>Forgets its first key.</summary>
    public void DropKey()
    {
        _keys[0].Key.Dispose();
        _keys.RemoveAt(0);
    }

    /// <summary>Claims of a token that is good for an hour.</summary>
    public Dictionary<string, object> Claims(DateTimeOffset now, params string[] roles) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = "hanse",
        ["sub"] = "8f14e45f-ceea",
        ["iat"] = now.ToUnixTimeSeconds(),
        ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
        ["preferred_username"] = "anna",
        ["roles"] = roles,
    };

    /// <summary>A token as any library would write it.</summary>
    public string Sign(Dictionary<string, object> claims)
    {
        (string id, RSA key) = _keys[^1];
        return Sign(claims, id, "RS256", head => key.SignData(
            head, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>A token of which the signature is whatever is wanted.</summary>
    public static string Sign(
        Dictionary<string, object> claims, string id, string algorithm, Func<byte[], byte[]> sign)
    {
        var first = new Dictionary<string, object> { ["alg"] = algorithm, ["kid"] = id, ["typ"] = "JWT" };
        string head = Part(first) + "." + Part(claims);
        return head + "." + Base64UrlEncoder.Encode(sign(Encoding.ASCII.GetBytes(head)));
    }

    /// <summary>What it signs with, as everybody can read it.</summary>
    public byte[] PublicKey => Encoding.ASCII.GetBytes(_keys[^1].Key.ExportSubjectPublicKeyInfoPem());

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        foreach ((_, RSA key) in _keys)
        {
            key.Dispose();
        }
    }

    private static string Part(Dictionary<string, object> fields) =>
        Base64UrlEncoder.Encode(JsonSerializer.SerializeToUtf8Bytes(fields));

    private IResult Answer(HttpContext http)
    {
        _ = Interlocked.Increment(ref _calls);
        if (!IsUp)
        {
            return Results.StatusCode(503);
        }

        string issuer = Says ?? Issuer;
        return http.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => Results.Json(new { issuer, jwks_uri = Issuer + "/keys" }),
            "/keys" => Results.Json(new { keys = _keys.Select(Published).ToArray() }),
            _ => Results.NotFound(),
        };
    }

    private static object Published((string Id, RSA Key) one)
    {
        RSAParameters key = one.Key.ExportParameters(includePrivateParameters: false);
        return new
        {
            kty = "RSA",
            use = "sig",
            kid = one.Id,
            alg = "RS256",
            n = Base64UrlEncoder.Encode(key.Modulus),
            e = Base64UrlEncoder.Encode(key.Exponent),
        };
    }
}
