using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Google.Protobuf.Reflection;
using Hanse.Api.V1;
using Hanse.IO.Wire;
using Hanse.Server.V1;
using Xunit;
using Frame = Hanse.Core.Links.Frame;

namespace Hanse.Server.Tests;

/// <summary>Whoever was built with the schemas of an earlier release is understood, and understands: what
/// they had is there, unchanged.</summary>
/// <remarks>Stored for each release are the descriptors of its .proto files, as <c>protoc
/// --descriptor_set_out</c> writes them, and the frames that it published. A release adds its own when it is
/// made, and changes none. 0.11 was the first that nodes of another release could call.</remarks>
public sealed class SchemaTests
{
    private static readonly FileDescriptor[] _now =
    [
        LinkReflection.Descriptor, GatewayReflection.Descriptor, OperationsReflection.Descriptor,
        DepotsReflection.Descriptor,
    ];

    [Theory]
    [InlineData("0.11.0", 2)]
    [InlineData("0.12.0", 4)]
    [InlineData("0.13.0", 4)]
    public void What_an_earlier_release_had_is_there_unchanged(string release, int files)
    {
        var before = FileDescriptorSet.Parser.ParseFrom(Stored(release + ".pb"));
        Assert.Equal(files, before.File.Count);
        HashSet<string> now = [.. _now.SelectMany(file => Facts(file.ToProto()))];
        string[] then = [.. before.File.SelectMany(Facts)];
        Assert.True(then.Length > 10 * files);
        Assert.DoesNotContain(then, fact => !now.Contains(fact));
    }

    [Fact]
    public void A_changed_schema_would_be_found()
    {
        FileDescriptorProto changed = GatewayReflection.Descriptor.ToProto().Clone();
        changed.MessageType[0].Field[0].Number += 100;
        Assert.NotEmpty(Facts(changed).Except(Facts(GatewayReflection.Descriptor.ToProto())));
    }

    [Theory]
    [InlineData("0.11.0")]
    [InlineData("0.12.0")]
    [InlineData("0.13.0")]
    public void Frames_of_an_earlier_release_are_read_and_written_as_they_were(string release)
    {
        int read = 0;
        string text = System.Text.Encoding.UTF8.GetString(Stored(release + ".hex"));
        foreach (string vector in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            byte[] bytes = Convert.FromHexString(string.Concat(
                vector.Split('\n').Where(line => line.Length > 0 && !line.StartsWith('#'))));
            if (bytes.Length == 0)
            {
                continue; // The head of the file.
            }

            read++;
            Assert.True(
                FrameCodec.TryDecode(bytes, out Frame? frame, out WireError? error), error?.ToString());
            Assert.Equal(bytes, FrameCodec.Encode(frame));
        }

        Assert.True(read >= 3);
    }

    private static byte[] Stored(string name)
    {
        using Stream file = typeof(SchemaTests).Assembly.GetManifestResourceStream("schemas/" + name)!;
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    // All that the other side relies on, on the wire, in JSON and by route.
    private static IEnumerable<string> Facts(FileDescriptorProto file) =>
    [
        $"package {file.Package}",
        .. file.MessageType.SelectMany(message => Facts(file.Package, message)),
        .. file.EnumType.SelectMany(one => Facts(file.Package, one)),
        .. file.Service.SelectMany(service => service.Method.Select(method =>
            $"{file.Package}.{service.Name}/{method.Name}({method.InputType} {method.ClientStreaming}) "
                + $"{method.OutputType} {method.ServerStreaming} {method.Options}")),
    ];

    private static IEnumerable<string> Facts(string scope, DescriptorProto message)
    {
        string name = $"{scope}.{message.Name}";
        return
        [
            name,
            .. message.Field.Select(field =>
                $"{name}.{field.Name} = {field.Number} {field.Label} {field.Type} {field.TypeName} "
                    + $"{JsonNameOf(field)} "
                    + (field.HasOneofIndex ? message.OneofDecl[field.OneofIndex].Name : "")),
            .. message.NestedType.SelectMany(inner => Facts(name, inner)),
            .. message.EnumType.SelectMany(inner => Facts(name, inner)),
        ];
    }

    // Left out where it follows from the name.
    private static string JsonNameOf(FieldDescriptorProto field) => field.HasJsonName ? field.JsonName
        : string.Concat(field.Name.Split('_').Select(
            (word, i) => i == 0 || word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));

    private static IEnumerable<string> Facts(string scope, EnumDescriptorProto one) =>
        one.Value.Select(value => $"{scope}.{one.Name}.{value.Name} = {value.Number}");
}
