using System;
using System.Globalization;
using System.Linq;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Tasks;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Hanse.Server.Operations;

/// <summary>Sees by a request's bearer token who it is, and tells those who may not so, in the form in which
/// they asked.</summary>
internal sealed class OperatorGate(
    OperationsParts parts, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "Bearer";

    private const string Begin = "Bearer ";

    // It is JSON, in which no browser looks for scripts.
    private static readonly JsonSerializerOptions _asItIs =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whose token a request shows.</summary>
    /// <returns>Who; or null when it shows none or nobody's, and why where there is more to say.</returns>
    public static async ValueTask<(OperatorEntry? Who, string? Why)> WhoIsAsync(
        HttpRequest request, OperationsParts parts) => TokenOf(request) is not { } token ? default
            : parts.OpenId is { } provider && OpenIdBook.IsToken(token)
                ? await provider.FindAsync(token, request.HttpContext.RequestAborted)
                : (parts.Operators.Find(token), null);

    /// <summary>Tells why nothing was done.</summary>
    public static Task RefuseAsync(HttpContext http, int httpStatus, StatusCode status, string why)
    {
        HttpResponse response = http.Response;
        if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = ((int)status).ToString(CultureInfo.InvariantCulture);
            response.Headers["grpc-message"] = why;
            return Task.CompletedTask;
        }

        response.StatusCode = httpStatus;
        response.ContentType = "application/json";
        string told = JsonSerializer.Serialize(why, _asItIs);
        return response.WriteAsync($$"""{"code":{{(int)status}},"message":{{told}},"details":[]}""");
    }

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        (OperatorEntry? who, string? why) = await WhoIsAsync(Request, parts);
        if (who is null)
        {
            return why is null ? AuthenticateResult.NoResult() : AuthenticateResult.Fail(why);
        }

        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, who.Name),
                .. who.Role.Included().Select(role => new Claim(ClaimTypes.Role, role)),
            ],
            Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        AuthenticateResult result = await HandleAuthenticateOnceSafeAsync();
        Response.Headers.WWWAuthenticate = Name;
        await RefuseAsync(
            Context, StatusCodes.Status401Unauthorized, StatusCode.Unauthenticated,
            result.Failure is { } failure ? "this token lets nobody in: " + failure.Message
                : "an operator's token is needed: authorization: Bearer TOKEN");
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => RefuseAsync(
        Context, StatusCodes.Status403Forbidden, StatusCode.PermissionDenied, "this takes a higher role");

    private static string? TokenOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } header]
        && header.StartsWith(Begin, StringComparison.OrdinalIgnoreCase)
            ? header[Begin.Length..].Trim() : null;
}
