using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Hanse.Server.Operations;

/// <summary>Which OpenID provider's word counts, and for what.</summary>
/// <param name="Issuer">The provider, as its tokens name it: <c>https</c>, or <c>http</c> on this machine
/// for tests.</param>
/// <param name="Audience">What its tokens for this mission name as their audience.</param>
/// <param name="Roles">The claim with the roles; dots lead into objects, as in
/// <c>realm_access.roles</c>.</param>
public sealed record OpenIdRules(string Issuer, string Audience, string Roles = OpenIdRules.RolesClaim)
{
    /// <summary>The claim that has the roles unless another is named.</summary>
    public const string RolesClaim = "roles";

    /// <summary>What is wrong with them; null for nothing.</summary>
    public string? Mistake() =>
        !Uri.TryCreate(Issuer, UriKind.Absolute, out Uri? address)
            || (address.Scheme != Uri.UriSchemeHttps
                && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            || address.Query.Length > 0 || address.Fragment.Length > 0
            ? "an issuer is an address that begins with https://, as its tokens have it"
        : Audience.Length == 0 || !Audience.All(c => c is > ' ' and <= '~')
            ? "tokens need an audience, so that those made for something else are no good"
        : Roles.Split('.').Any(part => part.Length == 0) ? "the claim with the roles has a name"
        : null;
}

/// <summary>Operators by the word of an OpenID provider: who shows a token of its that is signed, in time
/// and made for this mission is who it says, and may what the roles in it say.</summary>
/// <remarks>
/// <para>A role here is <c>hanse-viewer</c>, <c>hanse-operator</c> or <c>hanse-admin</c> there, so that
/// somebody who is admin of something else is not of this; the highest counts. Depots have tokens of the
/// file. In the audit trail stands <c>oidc:SUBJECT</c>, with the preferred user name behind it where there is
/// one: that a user may choose, the subject not. A colon is in no name of the file, so the two do not
/// mix.</para>
/// <para>Keys are the provider's published ones, fetched at first need and kept for
/// <see cref="RefreshAfter"/>; a token by an unknown one has them fetched again, at most every
/// <see cref="RefreshMin"/>. While the provider cannot be reached, keys that are known go on being good, and
/// it is left alone for <see cref="RetryAfter"/>: so strangers' tokens cannot make this server call often.
/// Only signatures by public keys count. All members may be called from any thread.</para>
/// </remarks>
public sealed class OpenIdBook : IDisposable
{
    /// <summary>Longest token that is looked at.</summary>
    public const int TokenLengthMax = 7 << 10;

    /// <summary>What a role begins with there.</summary>
    public const string RolePrefix = "hanse-";

    /// <summary>What a name of a provider's begins with in the audit trail.</summary>
    public const string NamePrefix = "oidc:";

    /// <summary>Longest subject.</summary>
    public const int SubjectLengthMax = 255;

    /// <summary>Longest answer of the provider.</summary>
    public const int AnswerBytesMax = 256 << 10;

    /// <summary>How long keys are kept.</summary>
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromHours(12);

    /// <summary>The soonest that they are fetched again because of a token.</summary>
    public static readonly TimeSpan RefreshMin = TimeSpan.FromMinutes(1);

    /// <summary>How long the provider is left alone after it could not be reached.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private const string Discovery = "/.well-known/openid-configuration";

    private static readonly TimeSpan _callMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _skew = TimeSpan.FromMinutes(1);

    private static readonly string[] _algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384,
        SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly OpenIdRules _rules;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly HttpClient _http;
    private readonly HttpDocumentRetriever _documents;
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private readonly JsonWebTokenHandler _reader = new() { MapInboundClaims = false };
    private volatile Provided? _provided;
    private volatile Failure? _failure;

    /// <summary>A book that has asked nobody yet.</summary>
    /// <param name="rules">Whose word counts.</param>
    /// <param name="time">The clock of this machine.</param>
    /// <param name="log">Takes a line about a provider that cannot be reached.</param>
    /// <exception cref="ArgumentException">The rules have a mistake.</exception>
    [SuppressMessage(
        "Reliability", "CA2000:Dispose objects before losing scope", Justification = "The client has it.")]
    public OpenIdBook(OpenIdRules rules, TimeProvider time, Action<string>? log = null)
    {
        if (rules.Mistake() is { } mistake)
        {
            throw new ArgumentException(mistake, nameof(rules));
        }

        _rules = rules;
        _time = time;
        _log = log ?? (_ => { });
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // Keys come from where the operator said and from nowhere else.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        })
        {
            Timeout = _callMax,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
        _documents = new HttpDocumentRetriever(_http)
        {
            RequireHttps = rules.Issuer.StartsWith("https:", StringComparison.OrdinalIgnoreCase),
        };
    }

    /// <summary>Whether a text has the form of a provider's token: three parts, which no token of the file
    /// has.</summary>
    public static bool IsToken(string text) => text.Count(c => c == '.') == 2;

    /// <summary>Whose token that is.</summary>
    /// <returns>Who, with what he may do, which may be nothing; or null, and why not.</returns>
    public async Task<(OperatorEntry? Who, string? Why)> FindAsync(string token, CancellationToken cancel)
    {
        if (token.Length > TokenLengthMax)
        {
            return (null, $"a token has at most {TokenLengthMax} characters");
        }

        Provided? provided = await ProvidedAsync(RefreshAfter, cancel);
        if (provided is null)
        {
            return (null, $"the keys of {_rules.Issuer} cannot be had now; come again later");
        }

        TokenValidationResult result = await _reader.ValidateTokenAsync(token, provided.Demands);
        if (result.Exception is SecurityTokenInvalidSignatureException
            && await ProvidedAsync(RefreshMin, cancel) is { } newer && newer != provided)
        {
            result = await _reader.ValidateTokenAsync(token, newer.Demands);
        }

        if (!result.IsValid)
        {
            return (null, Reason(result.Exception));
        }

        var read = (JsonWebToken)result.SecurityToken;
        if (NameOf(read) is not { } name)
        {
            return (null, $"it names no subject of up to {SubjectLengthMax} printable characters");
        }

        // A little longer, as everything about its time.
        DateTime until = read.ValidTo < DateTime.MaxValue - _skew ? read.ValidTo + _skew : DateTime.MaxValue;
        return (new OperatorEntry(name, RoleOf(read), new DateTimeOffset(until, TimeSpan.Zero)), null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _fetching.Dispose();
    }

    // What the provider says, fetched anew when it is older than that; what it said before while it cannot
    // be asked. One asks at a time, and the others have his answer.
    private async Task<Provided?> ProvidedAsync(TimeSpan ageMax, CancellationToken cancel)
    {
        if (IsGood(ageMax))
        {
            return _provided;
        }

        await _fetching.WaitAsync(cancel);
        try
        {
            if (!IsGood(ageMax))
            {
                await FetchAsync(cancel);
            }

            return _provided;
        }
        finally
        {
            _ = _fetching.Release();
        }
    }

    private bool IsGood(TimeSpan ageMax) =>
        (_provided is { } provided && _time.GetElapsedTime(provided.At) < ageMax)
        || (_failure is { } failure && _time.GetElapsedTime(failure.At) < RetryAfter);

    private async Task FetchAsync(CancellationToken cancel)
    {
        try
        {
            OpenIdConnectConfiguration says = await OpenIdConnectConfigurationRetriever.GetAsync(
                _rules.Issuer.TrimEnd('/') + Discovery, _documents, cancel);
            if (says.Issuer != _rules.Issuer)
            {
                // Whoever answers there speaks for somebody else (OpenID Connect Discovery 1.0, 4.3).
                throw new IOException($"it says that it is '{says.Issuer}'");
            }

            _provided = new Provided(_time.GetTimestamp(), Demands(says));
            _failure = null;
        }
        catch (Exception failure)
            when (failure is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            if (_failure is null)
            {
                _log($"the OpenID provider {_rules.Issuer} cannot be asked, so "
                    + (_provided is null ? "nobody is let in by it: " : "its known keys go on being good: ")
                    + (failure.InnerException ?? failure).Message);
            }

            _failure = new Failure(_time.GetTimestamp());
        }
    }

    private TokenValidationParameters Demands(OpenIdConnectConfiguration provider) => new()
    {
        IssuerSigningKeys = provider.SigningKeys,
        ValidIssuer = _rules.Issuer,
        ValidAudience = _rules.Audience,
        ValidAlgorithms = _algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        LifetimeValidator = IsInTime,
    };

    private bool IsInTime(
        DateTime? from, DateTime? until, SecurityToken token, TokenValidationParameters demands)
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        return until is { } end
            ? now - _skew < end && (from is not { } begin || now + _skew >= begin)
            : throw new SecurityTokenNoExpirationException("it does not expire");
    }

    // About the token of whoever asks, and nothing of what is known here.
    private string Reason(Exception? failure) => failure switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException
            or SecurityTokenNotYetValidException => "it has expired, or is not good yet: get another",
        SecurityTokenNoExpirationException => "it does not say until when it is good",
        SecurityTokenInvalidAudienceException => $"it is not made for '{_rules.Audience}'",
        SecurityTokenInvalidIssuerException => $"it is not of {_rules.Issuer}",
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException =>
            $"it is not signed with a key of {_rules.Issuer}",
        _ => "it is no token",
    };

    private static string? NameOf(JsonWebToken token)
    {
        string subject = token.Subject ?? "";
        if (subject.Length is 0 or > SubjectLengthMax || !subject.All(c => c is > ' ' and <= '~'))
        {
            return null;
        }

        return token.TryGetPayloadValue("preferred_username", out string user) && OperatorBook.IsName(user)
            ? $"{NamePrefix}{subject} ({user})" : NamePrefix + subject;
    }

    private OperatorRole RoleOf(JsonWebToken token)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.Decode(token.EncodedPayload));
        JsonElement claim = payload.RootElement;
        foreach (string part in _rules.Roles.Split('.'))
        {
            if (claim.ValueKind != JsonValueKind.Object || !claim.TryGetProperty(part, out claim))
            {
                return OperatorRole.None;
            }
        }

        return Words(claim).Where(word => word.StartsWith(RolePrefix, StringComparison.Ordinal))
            .Select(word => OperatorRoles.Parse(word[RolePrefix.Length..]))
            .Where(role => role is not null and not OperatorRole.Depot).Max() ?? OperatorRole.None;
    }

    private static IEnumerable<string> Words(JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.String => claim.GetString()!.Split(' '),
        JsonValueKind.Array => claim.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String)
            .Select(one => one.GetString()!),
        _ => [],
    };

    // What the provider said, and when.
    private sealed record Provided(long At, TokenValidationParameters Demands);

    private sealed record Failure(long At);
}
