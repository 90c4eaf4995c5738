using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Grpc.Core;
using Hanse.Server.Operations;
using Hanse.Server.V1;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>Operators whom an OpenID provider vouches for, and everybody whom it does not.</summary>
public sealed class OpenIdTests : IAsyncLifetime
{
    private const string Audience = "hanse";

    private readonly ManualTime _clock = new();
    private readonly List<string> _told = [];
    private FakeProvider _provider = null!;
    private OpenIdBook _book = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _book = NewBook();
    }

    public async ValueTask DisposeAsync()
    {
        _book.Dispose();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData(OperatorRole.Viewer, "hanse-viewer")]
    [InlineData(OperatorRole.Operator, "offline_access", "hanse-viewer", "hanse-operator")]
    [InlineData(OperatorRole.Admin, "hanse-admin", "hanse-viewer")]
    [InlineData(OperatorRole.None)]
    [InlineData(OperatorRole.None, "admin", "operator", "hanse-", "hanse-king", "HANSE-ADMIN")]
    [InlineData(OperatorRole.None, "hanse-depot")]
    [InlineData(OperatorRole.Viewer, "hanse-depot", "hanse-viewer")]
    public async Task A_token_gives_the_highest_of_its_roles(OperatorRole role, params string[] roles)
    {
        (OperatorEntry? who, string? why) = await FindAsync(Claims(roles));
        Assert.Null(why);
        Assert.Equal(("oidc:8f14e45f-ceea (anna)", role), (who!.Name, who.Role));
        Assert.Equal(_clock.GetUtcNow().AddMinutes(61), who.Until);
    }

    [Theory]
    [InlineData("realm_access.roles", """{"realm_access":{"roles":["hanse-operator"]}}""")]
    [InlineData("scope", """{"scope":"openid hanse-operator"}""")]
    public async Task Roles_are_where_the_provider_has_them(string path, string json)
    {
        using OpenIdBook book = NewBook(path);
        Dictionary<string, object> claims = Claims();
        foreach ((string name, object value) in
            System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, object>>(json)!)
        {
            claims[name] = value;
        }

        Assert.Equal(
            OperatorRole.Operator, (await book.FindAsync(_provider.Sign(claims), default)).Who!.Role);
        Assert.Equal(
            OperatorRole.None,
            (await book.FindAsync(_provider.Sign(Claims("hanse-admin")), default)).Who!.Role);
    }

    [Theory]
    [InlineData("aud", "another", "not made for")]
    [InlineData("aud", null, "not made for")]
    [InlineData("iss", "https://login.example.org", "is not of")]
    [InlineData("iss", null, "is not of")]
    [InlineData("exp", -61L, "expired")]
    [InlineData("exp", null, "until when")]
    [InlineData("nbf", 120L, "not good yet")]
    [InlineData("sub", null, "no subject")]
    [InlineData("sub", "", "no subject")]
    [InlineData("sub", "an na", "no subject")]
    public async Task A_token_that_says_something_else_lets_nobody_in(string claim, object? value, string why)
    {
        Dictionary<string, object> claims = Claims("hanse-admin");
        _ = value switch
        {
            null => claims.Remove(claim),
            long seconds => claims.TryAdd(claim, 0) | Set(_clock.GetUtcNow().ToUnixTimeSeconds() + seconds),
            _ => Set(value),
        };
        (OperatorEntry? who, string? told) = await FindAsync(claims);
        Assert.Null(who);
        Assert.Contains(why, told, StringComparison.Ordinal);

        bool Set(object to)
        {
            claims[claim] = to;
            return true;
        }
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(99_999_999_999L)]
    [InlineData(1e300)]
    [InlineData("never")]
    public async Task Times_that_are_none_do_no_harm(object exp)
    {
        Dictionary<string, object> claims = Claims("hanse-viewer");
        claims["exp"] = exp;
        claims["nbf"] = long.MinValue;
        _ = await FindAsync(claims);
        string[] parts = _provider.Sign(claims).Split('.');
        Assert.Null((await _book.FindAsync($"{parts[0]}.{parts[1]}.AAAA", default)).Who);
    }

    [Fact]
    public async Task Only_the_provider_signs()
    {
        Dictionary<string, object> claims = Claims("hanse-admin");
        string good = _provider.Sign(claims);
        string[] parts = good.Split('.');
        string other = _provider.Sign(Claims("hanse-viewer")).Split('.')[1];
        byte[] published = _provider.PublicKey;
        using var stranger = RSA.Create(2048);
        string[] wrong =
        [
            parts[0] + "." + other + "." + parts[2],
            good[..^4] + "AAAA",
            parts[0] + "." + parts[1] + ".",
            FakeProvider.Sign(claims, "key-1", "none", _ => []),
            FakeProvider.Sign(claims, "key-1", "HS256", head => HMACSHA256.HashData(published, head)),
            FakeProvider.Sign(claims, "key-1", "RS256", head => stranger.SignData(
                head, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            FakeProvider.Sign(claims, "key-9", "RS256", head => stranger.SignData(
                head, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            "..", "a.b.c", new string('.', 2) + new string('x', OpenIdBook.TokenLengthMax),
        ];
        Assert.NotNull((await _book.FindAsync(good, default)).Who);
        foreach (string token in wrong)
        {
            (OperatorEntry? who, string? why) = await _book.FindAsync(token, default);
            Assert.Null(who);
            Assert.NotEmpty(why!);
            Assert.DoesNotContain("IDX", why, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_is_good_until_its_time_and_a_minute()
    {
        string token = _provider.Sign(Claims("hanse-viewer"));
        _clock.Pass(TimeSpan.FromMinutes(61) - TimeSpan.FromSeconds(1));
        Assert.NotNull((await _book.FindAsync(token, default)).Who);
        _clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Null((await _book.FindAsync(token, default)).Who);
    }

    [Fact]
    public async Task A_new_key_of_the_provider_is_learnt()
    {
        Assert.NotNull((await FindAsync(Claims())).Who);
        _provider.AddKey();
        string token = _provider.Sign(Claims("hanse-viewer"));
        int calls = _provider.Calls;
        Assert.Null((await _book.FindAsync(token, default)).Who); // They were fetched a moment ago.
        Assert.Equal(calls, _provider.Calls);
        _clock.Pass(OpenIdBook.RefreshMin);
        Assert.NotNull((await _book.FindAsync(token, default)).Who);
    }

    [Fact]
    public async Task A_key_that_the_provider_has_dropped_is_good_for_half_a_day_at_most()
    {
        Dictionary<string, object> claims = Claims("hanse-viewer");
        claims["exp"] = _clock.GetUtcNow().AddDays(2).ToUnixTimeSeconds();
        string token = _provider.Sign(claims);
        Assert.NotNull((await _book.FindAsync(token, default)).Who);
        _provider.AddKey();
        _provider.DropKey();
        _clock.Pass(OpenIdBook.RefreshAfter);
        Assert.Null((await _book.FindAsync(token, default)).Who);
    }

    [Fact]
    public async Task Many_at_once_ask_the_provider_once()
    {
        string token = _provider.Sign(Claims("hanse-viewer"));
        var found = new Task<(OperatorEntry? Who, string? Why)>[100];
        for (int i = 0; i < found.Length; i++)
        {
            found[i] = Task.Run(() => _book.FindAsync(token, default));
        }

        Assert.All(await Task.WhenAll(found), one => Assert.NotNull(one.Who));
        Assert.Equal(2, _provider.Calls); // What it is, and its keys.
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_lets_nobody_in_and_is_left_alone()
    {
        _provider.IsUp = false;
        string token = _provider.Sign(Claims("hanse-viewer"));
        for (int i = 0; i < 50; i++)
        {
            (OperatorEntry? who, string? why) = await _book.FindAsync(token, default);
            Assert.Null(who);
            Assert.Contains("later", why, StringComparison.Ordinal);
        }

        int calls = _provider.Calls;
        Assert.InRange(calls, 1, 3); // The reader may try again before it says so.
        _ = Assert.Single(_told);
        _clock.Pass(OpenIdBook.RetryAfter);
        _ = await _book.FindAsync(token, default);
        Assert.InRange(_provider.Calls, calls + 1, 2 * calls);
        _provider.IsUp = true;
        _clock.Pass(OpenIdBook.RetryAfter);
        Assert.NotNull((await _book.FindAsync(token, default)).Who);

        // What it has said stays good while it is away.
        _provider.IsUp = false;
        Assert.NotNull((await _book.FindAsync(_provider.Sign(Claims("hanse-admin")), default)).Who);
    }

    [Fact]
    public async Task A_provider_that_says_it_is_another_lets_nobody_in()
    {
        _provider.Says = "https://login.example.org";
        (OperatorEntry? who, string? why) = await FindAsync(Claims("hanse-admin"));
        Assert.Null(who);
        Assert.Contains("later", why, StringComparison.Ordinal);
        Assert.Contains("login.example.org", Assert.Single(_told), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://login.example.org", "hanse", "roles")]
    [InlineData("login.example.org", "hanse", "roles")]
    [InlineData("https://login.example.org?x=1", "hanse", "roles")]
    [InlineData("https://login.example.org", "", "roles")]
    [InlineData("https://login.example.org", "hanse", "realm_access.")]
    public void Rules_with_a_mistake_are_refused(string issuer, string audience, string roles)
    {
        var rules = new OpenIdRules(issuer, audience, roles);
        Assert.NotNull(rules.Mistake());
        _ = Assert.Throws<ArgumentException>(() => new OpenIdBook(rules, TimeProvider.System));
    }

    [Fact]
    public async Task A_server_lets_in_by_its_word_and_by_the_file()
    {
        using var book = new OpenIdBook(new OpenIdRules(_provider.Issuer, Audience), TimeProvider.System);
        await using var mission = new SmallMission { OpenId = book };
        await mission.StartAsync();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var look = new Uri("/v1/mission", UriKind.Relative);
        foreach ((string token, HttpStatusCode status) in new[]
        {
            (mission.AdminToken(), HttpStatusCode.OK),
            (_provider.Sign(_provider.Claims(now, "hanse-viewer")), HttpStatusCode.OK),
            (_provider.Sign(_provider.Claims(now, "viewer")), HttpStatusCode.Forbidden),
            (_provider.Sign(_provider.Claims(now.AddHours(-2), "hanse-viewer")), HttpStatusCode.Unauthorized),
            ("a.b.c", HttpStatusCode.Unauthorized),
        })
        {
            using HttpClient http = mission.NewHttp(token);
            using HttpResponseMessage answer = await http.GetAsync(look);
            Assert.Equal(status, answer.StatusCode);
        }

        using Grpc.Net.Client.GrpcChannel channel = mission.NewChannel();
        var client = new V1.Operations.OperationsClient(channel);
        Metadata With(string token) => new() { { "authorization", "Bearer " + token } };
        string admin = _provider.Sign(_provider.Claims(now, "hanse-admin"));
        _ = await client.InviteNodeAsync(new InviteNodeRequest { Node = 5 }, With(admin));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.InviteNodeAsync(
                new InviteNodeRequest { Node = 5 },
                With(_provider.Sign(_provider.Claims(now.AddHours(-2), "hanse-admin")))));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Contains("expired", refused.Status.Detail, StringComparison.Ordinal);
        AuditList trail = await client.ListAuditAsync(new ListAuditRequest(), With(admin));
        AuditEntry entry = Assert.Single(trail.Entries);
        Assert.Equal(("oidc:8f14e45f-ceea (anna)", "admin"), (entry.Operator, entry.Role));
    }

    [Fact]
    public async Task A_live_feed_ends_with_the_token()
    {
        _clock.Set(DateTimeOffset.UtcNow);
        await using var mission = new SmallMission { OpenId = _book };
        await mission.StartAsync();
        using HttpClient http = mission.NewHttp(_provider.Sign(Claims("hanse-viewer")));
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using Stream stream = await http.GetStreamAsync(new Uri("/v1/live", UriKind.Relative), late.Token);
        using var reader = new StreamReader(stream);
        Assert.NotNull(await reader.ReadLineAsync(late.Token));
        _clock.Pass(TimeSpan.FromHours(2));
        while (await reader.ReadLineAsync(late.Token) is not null)
        {
            // It ends.
        }

        Assert.Equal(0, mission.Feed.Readers);
    }

    private OpenIdBook NewBook(string roles = OpenIdRules.RolesClaim) =>
        new(new OpenIdRules(_provider.Issuer, Audience, roles), _clock, _told.Add);

    private Dictionary<string, object> Claims(params string[] roles) =>
        _provider.Claims(_clock.GetUtcNow(), roles);

    private Task<(OperatorEntry? Who, string? Why)> FindAsync(Dictionary<string, object> claims) =>
        _book.FindAsync(_provider.Sign(claims), default);
}
