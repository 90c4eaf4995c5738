using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;

namespace Hanse.Server.Operations;

/// <summary>What a request of an operator has to be like before a method sees it.</summary>
/// <remarks>It comes after the gate, so only those who are let in are read. Over HTTP a body is read whole,
/// within its limit, and a field that the method does not have is refused: transcoding would pass over it,
/// and an order in which a name is misspelt would be another order.</remarks>
internal sealed class OperatorDoor
{
    /// <summary>Most bytes of a request.</summary>
    public const int BodyBytesMax = 16 << 10;

    /// <summary>Most requests under way at once; the live feed has a limit of its own.</summary>
    public const int RequestsMax = 64;

    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    private int _underWay;

    /// <summary>Lets a request through, or tells what is wrong with it.</summary>
    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        Endpoint? to = http.GetEndpoint();
        if (to is null)
        {
            await OperatorGate.RefuseAsync(
                http, StatusCodes.Status404NotFound, StatusCode.Unimplemented,
                "there is no such route; /openapi.json names them all");
            return;
        }

        if (to.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || to.Metadata.GetMetadata<Unbounded>() is not null)
        {
            await next(http);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _underWay) > RequestsMax)
            {
                await OperatorGate.RefuseAsync(
                    http, StatusCodes.Status503ServiceUnavailable, StatusCode.Unavailable,
                    "too many requests are under way; send it again later");
            }
            else if (to.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is not { } route
                || await IsReadAsync(http, route.MethodDescriptor.InputType))
            {
                await next(http);
                if (http.Response is { HasStarted: false, StatusCode: StatusCodes.Status405MethodNotAllowed })
                {
                    await OperatorGate.RefuseAsync(
                        http, StatusCodes.Status405MethodNotAllowed, StatusCode.Unimplemented,
                        "this route takes another method; /openapi.json says which");
                }
            }
        }
        finally
        {
            _ = Interlocked.Decrement(ref _underWay);
        }
    }

    private static async Task<bool> IsReadAsync(HttpContext http, MessageDescriptor fields)
    {
        string? unknown = http.Request.Query.Keys.FirstOrDefault(name => !Has(fields, name));
        if (unknown is null && HttpMethods.IsPost(http.Request.Method))
        {
            if (http.Request.Query.Count > 0)
            {
                await InvalidAsync(http, "an order has its fields in its body, and none in its query");
                return false;
            }

            if (await BodyAsync(http) is not { } body)
            {
                await OperatorGate.RefuseAsync(
                    http, StatusCodes.Status413PayloadTooLarge, StatusCode.ResourceExhausted,
                    $"a request has at most {BodyBytesMax} bytes");
                return false;
            }

            http.Request.Body = body;
            try
            {
                using var json = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length), _strict);
                unknown = json.RootElement.ValueKind != JsonValueKind.Object ? null : json.RootElement
                    .EnumerateObject().Select(one => one.Name).FirstOrDefault(name => !Has(fields, name));
            }
            catch (JsonException wrong)
            {
                await InvalidAsync(http, "the body is not JSON: " + wrong.Message);
                return false;
            }
        }

        if (unknown is not null)
        {
            await InvalidAsync(
                http, $"there is no field '{(unknown.Length > 64 ? unknown[..64] : unknown)}'; there is: "
                    + string.Join(", ", fields.Fields.InDeclarationOrder().Select(one => one.JsonName)));
        }

        return unknown is null;
    }

    // Null when it is too large.
    private static async Task<MemoryStream?> BodyAsync(HttpContext http)
    {
        var body = new MemoryStream();
        byte[] part = new byte[4 << 10];
        while (await http.Request.Body.ReadAsync(part, http.RequestAborted) is var read and > 0)
        {
            if (body.Length + read > BodyBytesMax)
            {
                return null;
            }

            await body.WriteAsync(part.AsMemory(0, read), http.RequestAborted);
        }

        body.Position = 0;
        return body;
    }

    private static bool Has(MessageDescriptor fields, string name) =>
        fields.Fields.InDeclarationOrder().Any(one => one.JsonName == name || one.Name == name);

    private static Task InvalidAsync(HttpContext http, string why) => OperatorGate.RefuseAsync(
        http, StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, why);

    /// <summary>Marks a route that goes on for as long as whoever asked stays.</summary>
    internal sealed class Unbounded;
}
