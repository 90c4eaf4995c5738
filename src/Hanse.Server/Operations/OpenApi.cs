using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text.Json.Nodes;
using Google.Api;
using Google.Protobuf.Reflection;
using Hanse.Server.V1;
using Microsoft.AspNetCore.Authorization;

namespace Hanse.Server.Operations;

/// <summary>The routes as an OpenAPI document, written from the compiled .proto file.</summary>
/// <remarks>Of the same descriptors that the routes are made of, so no route is left out; what a .proto file
/// says in comments is the descriptions.</remarks>
internal static class OpenApi
{
    private const string ErrorName = "Status";

    private static readonly FileDescriptor[] _files =
        [OperationsReflection.Descriptor, DepotsReflection.Descriptor];

    /// <summary>The document.</summary>
    public static string Write(string version)
    {
        var comments = ProtoComments.Read("operations.proto", "depots.proto");
        var paths = new JsonObject();
        foreach (MethodDescriptor method in _files.SelectMany(file => file.Services[0].Methods))
        {
            HttpRule rule = method.GetOptions().GetExtension(AnnotationsExtensions.Http);
            string route = rule.Get.Length > 0 ? rule.Get : rule.Post;
            if (paths[route] is not JsonObject path)
            {
                paths[route] = path = new JsonObject();
            }

            bool isPost = rule.Post.Length > 0;
            path[isPost ? "post" : "get"] = Operation(method, route, isPost, comments);
        }

        paths["/v1/live"] = Plain(
            "watchLive", "text/event-stream",
            "Events as they happen: 'status' once a second, with a Mission; 'closed', with a bounty whose "
                + "end was heard; 'enrolled', with a node; 'failed', with a machine that is started anew. "
                + "Who reads too slowly is cut off. Viewer.");
        paths["/openapi.json"] = Plain("getOpenApi", "application/json", "This document. Viewer.");
        paths["/health"] = Plain("getHealth", null, "Whether the process lives. Anybody.");
        paths["/ready"] = Plain(
            "getReady", null,
            "Whether all machines run, the store writes, and nodes are heard: 200 or 503. Anybody.");
        return new JsonObject
        {
            ["openapi"] = "3.0.3",
            ["info"] = new JsonObject
            {
                ["title"] = "Hanse, for operators and depots",
                ["version"] = version,
                ["description"] = comments.Of(_files[0].Services[0].FullName),
            },
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                },
                ["schemas"] = Schemas(comments),
            },
        }.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
    }

    private static JsonObject Operation(
        MethodDescriptor method, string route, bool hasBody, ProtoComments comments)
    {
        var parameters = new JsonArray();
        foreach (FieldDescriptor field in method.InputType.Fields.InDeclarationOrder())
        {
            bool isInPath = route.Contains($"{{{field.Name}}}", StringComparison.Ordinal);
            if (isInPath || !hasBody)
            {
                parameters.Add(new JsonObject
                {
                    ["name"] = isInPath ? field.Name : field.JsonName,
                    ["in"] = isInPath ? "path" : "query",
                    ["required"] = isInPath,
                    ["description"] = comments.Of(field.FullName),
                    ["schema"] = Schema(field),
                });
            }
        }

        var operation = new JsonObject
        {
            ["operationId"] = char.ToLowerInvariant(method.Name[0]) + method.Name[1..],
            ["description"] = comments.Of(method.FullName),
            ["x-role"] = RoleOf(method),
            ["parameters"] = parameters,
            ["responses"] = new JsonObject
            {
                ["200"] = Answer("It was done, or this is it.", Reference(method.OutputType.Name)),
                ["default"] = Answer("It was not done, and why.", Reference(ErrorName)),
            },
        };
        if (hasBody)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject { ["schema"] = Reference(method.InputType.Name) },
                },
            };
        }

        return operation;
    }

    private static JsonObject Plain(string name, string? type, string description)
    {
        var operation = new JsonObject
        {
            ["operationId"] = name,
            ["description"] = description,
            ["responses"] = new JsonObject
            {
                ["200"] = type is null ? new JsonObject { ["description"] = "Yes." } : new JsonObject
                {
                    ["description"] = "This is it.",
                    ["content"] = new JsonObject { [type] = new JsonObject() },
                },
            },
        };
        if (type is null)
        {
            operation["security"] = new JsonArray();
        }

        return new JsonObject { ["get"] = operation };
    }

    private static JsonObject Answer(string description, JsonObject schema) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
    };

    private static JsonObject Schemas(ProtoComments comments)
    {
        var schemas = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (MessageDescriptor message in _files.SelectMany(file => file.MessageTypes))
        {
            var properties = new JsonObject();
            foreach (FieldDescriptor field in message.Fields.InDeclarationOrder())
            {
                JsonObject schema = Schema(field);
                properties[field.JsonName] = schema.ContainsKey("$ref")
                    ? new JsonObject
                    {
                        ["allOf"] = new JsonArray(schema),
                        ["description"] = comments.Of(field.FullName),
                    }
                    : With(schema, comments.Of(field.FullName));
            }

            schemas[message.Name] = new JsonObject
            {
                ["type"] = "object",
                ["description"] = comments.Of(message.FullName),
                ["properties"] = properties,
            };
        }

        schemas[ErrorName] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["code"] = new JsonObject { ["type"] = "integer", ["description"] = "A gRPC status." },
                ["message"] = new JsonObject { ["type"] = "string", ["description"] = "What is wrong." },
                ["details"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject() },
            },
        };
        return new JsonObject(schemas.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));
    }

    private static JsonObject Schema(FieldDescriptor field) => field.IsRepeated
        ? new JsonObject { ["type"] = "array", ["items"] = Single(field) } : Single(field);

    private static JsonObject Single(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => Reference(field.MessageType.Name),
        FieldType.Enum => new JsonObject
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. field.EnumType.Values.Select(value => (JsonNode)value.Name)]),
        },
        FieldType.Bool => new JsonObject { ["type"] = "boolean" },
        FieldType.Double => new JsonObject { ["type"] = "number", ["format"] = "double" },
        FieldType.String => new JsonObject { ["type"] = "string" },
        FieldType.Bytes => new JsonObject { ["type"] = "string", ["format"] = "byte" },
        FieldType.Int32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        FieldType.UInt32 => new JsonObject { ["type"] = "integer", ["format"] = "int64", ["minimum"] = 0 },
        FieldType.Int64 => new JsonObject { ["type"] = "string", ["format"] = "int64" },
        FieldType.UInt64 => new JsonObject { ["type"] = "string", ["format"] = "uint64" },
        _ => throw new NotSupportedException($"no rule for {field.FullName}"),
    };

    private static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    private static JsonObject With(JsonObject schema, string description)
    {
        schema["description"] = description;
        return schema;
    }

    private static string RoleOf(MethodDescriptor method) =>
        (method.File == _files[0] ? typeof(OperationsService) : typeof(DepotsService)).GetMethod(method.Name)!
        .GetCustomAttribute<AuthorizeAttribute>()?.Roles ?? OperatorRoles.Admin;
}
