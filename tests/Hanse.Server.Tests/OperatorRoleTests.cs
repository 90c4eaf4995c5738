using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Google.Api;
using Google.Protobuf.Reflection;
using Hanse.Server.Operations;
using Hanse.Server.V1;
using Microsoft.AspNetCore.Authorization;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>Who may what: every method with every role, over both ways in.</summary>
public sealed class OperatorRoleTests : IAsyncLifetime
{
    private static readonly Dictionary<string, OperatorRole> _needed = new()
    {
        ["GetMission"] = OperatorRole.Viewer,
        ["ListHubs"] = OperatorRole.Viewer,
        ["GetHub"] = OperatorRole.Viewer,
        ["ListNodes"] = OperatorRole.Viewer,
        ["GetNode"] = OperatorRole.Viewer,
        ["ListBounties"] = OperatorRole.Viewer,
        ["GetBounty"] = OperatorRole.Viewer,
        ["PostBounty"] = OperatorRole.Operator,
        ["ReduceBounty"] = OperatorRole.Operator,
        ["WithdrawBounty"] = OperatorRole.Operator,
        ["ListCases"] = OperatorRole.Viewer,
        ["DecideCase"] = OperatorRole.Operator,
        ["HandOverNode"] = OperatorRole.Operator,
        ["RetireNode"] = OperatorRole.Admin,
        ["OrderBirths"] = OperatorRole.Admin,
        ["ListRollouts"] = OperatorRole.Viewer,
        ["OrderRollout"] = OperatorRole.Operator,
        ["CommandRollout"] = OperatorRole.Operator,
        ["InviteNode"] = OperatorRole.Admin,
        ["RotateNodeKey"] = OperatorRole.Operator,
        ["RevokeNode"] = OperatorRole.Admin,
        ["AdoptRegion"] = OperatorRole.Admin,
        ["OrderCharter"] = OperatorRole.Admin,
        ["KeepRegion"] = OperatorRole.Operator,
        ["ReplaceGatewayKey"] = OperatorRole.Admin,
        ["ListAudit"] = OperatorRole.Admin,
    };

    private readonly SmallMission _mission = new();

    private static IEnumerable<MethodDescriptor> Methods =>
        OperationsReflection.Descriptor.Services[0].Methods;

    public async ValueTask InitializeAsync() => await _mission.StartAsync();

    public async ValueTask DisposeAsync() => await _mission.DisposeAsync();

    [Fact]
    public void Every_method_has_its_role_here_and_in_the_service()
    {
        Assert.Equal(Methods.Select(method => method.Name).Order(), _needed.Keys.Order());
        Assert.All(_needed, one => Assert.Equal(
            one.Value.Text(),
            typeof(OperationsService).GetMethod(one.Key)!.GetCustomAttribute<AuthorizeAttribute>()!.Roles));
    }

    [Fact]
    public async Task Every_method_lets_in_those_who_may_and_nobody_else()
    {
        string?[] tokens =
        [
            null,
            _mission.LetIn(OperatorRole.Viewer),
            _mission.LetIn(OperatorRole.Operator),
            _mission.LetIn(OperatorRole.Admin),
        ];
        await Task.Delay(TimeSpan.FromSeconds(1.1)); // The file is read again.
        var wrong = new List<string>();
        for (int role = 0; role < tokens.Length; role++)
        {
            using HttpClient http = _mission.NewHttp(tokens[role]);
            foreach (MethodDescriptor method in Methods)
            {
                bool isIn = role >= (int)_needed[method.Name];
                HttpStatusCode refused = role == 0 ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden;
                using HttpResponseMessage byRoute = await http.SendAsync(RouteOf(method));
                bool wasIn = byRoute.StatusCode
                    is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
                if (wasIn != isIn || (!isIn && byRoute.StatusCode != refused))
                {
                    wrong.Add($"{method.Name}, role {role}: {byRoute.StatusCode} by its route");
                }

                if (!isIn)
                {
                    using var body = JsonDocument.Parse(await byRoute.Content.ReadAsStringAsync());
                    Assert.Equal(role == 0 ? 16 : 7, body.RootElement.GetProperty("code").GetInt32());
                    Assert.NotEmpty(body.RootElement.GetProperty("message").GetString()!);
                }

                string status = await ByGrpcAsync(http, method);
                if ((status is not ("16" or "7")) != isIn || (!isIn && status != (role == 0 ? "16" : "7")))
                {
                    wrong.Add($"{method.Name}, role {role}: status {status} over gRPC");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("/v1/live")]
    [InlineData("/openapi.json")]
    [InlineData("/v1/nowhere")]
    [InlineData("/")]
    public async Task What_is_no_method_takes_a_token_too(string path)
    {
        using HttpClient http = _mission.NewHttp(null);
        using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer hanse_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    public async Task What_is_nobodys_token_lets_nobody_in(string header)
    {
        using HttpClient http = _mission.NewHttp(null);
        _ = http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        using HttpResponseMessage answer = await http.GetAsync(new Uri("/v1/mission", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Whoever_is_taken_out_of_the_file_is_out()
    {
        string file = OperatorBook.FileIn(_mission.Folder);
        using HttpClient http = _mission.NewHttp(_mission.AdminToken());
        var mission = new Uri("/v1/mission", UriKind.Relative);
        using (HttpResponseMessage first = await http.GetAsync(mission))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        }

        await File.WriteAllTextAsync(file, "# nobody\nadmin admin 00\nhacker x y z\n");
        await SmallMission.Until(
            async () =>
            {
                using HttpResponseMessage later = await http.GetAsync(mission);
                return later.StatusCode == HttpStatusCode.Unauthorized;
            },
            "the file was read again");
    }

    [Fact]
    public void A_line_is_good_until_its_time()
    {
        var clock = new ManualTime();
        string soon = _mission.LetIn(OperatorRole.Viewer, "soon", clock.GetUtcNow().AddDays(1));
        string ever = _mission.LetIn(OperatorRole.Viewer, "ever");
        string wrong = _mission.LetIn(OperatorRole.Viewer, "wrong");
        string file = OperatorBook.FileIn(_mission.Folder);
        string[] lines = File.ReadAllLines(file);
        lines[^1] += " tomorrow";
        File.WriteAllLines(file, lines);
        var told = new List<string>();
        var book = OperatorBook.Open(_mission.Folder, clock, told.Add);
        Assert.Contains($"line {lines.Length} ", Assert.Single(told), StringComparison.Ordinal);
        Assert.Null(book.Find(wrong));
        Assert.Equal(clock.GetUtcNow().AddDays(1), book.Find(soon)?.Until);
        Assert.Null(book.Find(ever)!.Until);
        clock.Pass(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.NotNull(book.Find(soon));
        clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(book.Find(soon));
        Assert.NotNull(book.Find(ever));
    }

    [Fact]
    public void The_files_of_secrets_are_their_owners_only()
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(Own, File.GetUnixFileMode(OperatorBook.AdminTokenIn(_mission.Folder)));
            Assert.Equal(Own, File.GetUnixFileMode(OperatorBook.FileIn(_mission.Folder)));
        }

        Assert.DoesNotContain(
            _mission.AdminToken(), File.ReadAllText(OperatorBook.FileIn(_mission.Folder)),
            StringComparison.Ordinal);
    }

    private static HttpRequestMessage RouteOf(MethodDescriptor method)
    {
        HttpRule rule = method.GetOptions().GetExtension(AnnotationsExtensions.Http);
        string route = rule.Get.Length > 0 ? rule.Get : rule.Post;
        string path = string.Join('/', route.Split('/').Select(part => part.StartsWith('{') ? "9" : part));
        var request = new HttpRequestMessage(
            rule.Get.Length > 0 ? HttpMethod.Get : HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Version = HttpVersion.Version20,
        };
        if (rule.Post.Length > 0)
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        return request;
    }

    // An empty message, as gRPC frames it.
    private static async Task<string> ByGrpcAsync(HttpClient http, MethodDescriptor method)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri($"/{method.Service.FullName}/{method.Name}", UriKind.Relative))
        {
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent(new byte[5]),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        using HttpResponseMessage answer = await http.SendAsync(request);
        _ = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.TrailingHeaders.TryGetValues("grpc-status", out IEnumerable<string>? trailing)
            ? trailing.Single() : answer.Headers.GetValues("grpc-status").Single();
    }
}
