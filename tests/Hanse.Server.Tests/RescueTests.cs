using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Security.Cryptography;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>A node that speaks nothing but the exchange that never changes.</summary>
public class RescueTests
{
    private static readonly Uri _rescue = new("/rescue", UriKind.Relative);

    [Fact]
    public async Task A_node_fetches_what_it_is_to_run_piece_by_piece()
    {
        await using var mission = new SmallMission();
        await mission.StartAsync();
        _ = await mission.RunNodeAsync(2);
        byte[] package = [.. Enumerable.Range(0, 100_000).Select(place => (byte)(place * 7))];
        byte[] digest = SHA256.HashData(package);
        string folder = Directory.CreateDirectory(Path.Combine(mission.Folder, "rescue")).FullName;
        Assert.Equal(RescueOrder.Wait, (await AskAsync(mission, new byte[32], new byte[32], 0)).Order);
        string name = Convert.ToHexStringLower(digest);
        await File.WriteAllBytesAsync(Path.Combine(folder, name), package);
        await File.WriteAllTextAsync(Path.Combine(folder, "current"), name + "\n");
        RescueAnswer told = await AskAsync(mission, new byte[32], new byte[32], 0);
        Assert.Equal(RescueOrder.Fetch, told.Order);
        Assert.Equal(digest, told.Package);
        Assert.Empty(told.Bytes);
        using var fetched = new MemoryStream();
        while ((ulong)fetched.Length < told.Size)
        {
            RescueAnswer piece = await AskAsync(mission, new byte[32], told.Package, (ulong)fetched.Length);
            Assert.Equal((ulong)fetched.Length, piece.Offset);
            Assert.NotEmpty(piece.Bytes);
            fetched.Write(piece.Bytes);
        }

        Assert.Equal(package, fetched.ToArray());

        // It runs that now; and then something else is to be done.
        Assert.Equal(RescueOrder.Wait, (await AskAsync(mission, digest, new byte[32], 0)).Order);
        await File.WriteAllTextAsync(Path.Combine(folder, "current"), "depot");
        Assert.Equal(RescueOrder.ComeToDepot, (await AskAsync(mission, digest, digest, 5)).Order);
        await mission.Registry.RetireAsync(new NodeId(2));
        Assert.Equal(RescueOrder.End, (await AskAsync(mission, digest, digest, 5)).Order);
    }

    [Fact]
    public async Task What_is_no_call_of_a_node_is_refused()
    {
        await using var mission = new SmallMission();
        await mission.StartAsync();
        _ = await mission.RunNodeAsync(2);
        byte[] good = Call(mission.Mission, 2, SmallMission.Key("node 2"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(good));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync([]));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(good[..191]));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync([.. good, 0]));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(new byte[1 << 20]));
        foreach (int place in (int[])[12, 47, 50, 60, 90, 127, 128, 191])
        {
            byte[] other = [.. good];
            other[place] ^= 1;
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(other));
        }

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await StatusAsync(Call(new byte[32], 2, SmallMission.Key("node 2"))));
        Assert.Equal(
            HttpStatusCode.Unauthorized, await StatusAsync(Call(mission.Mission, 5, SmallMission.Key("x"))));

        async Task<HttpStatusCode> StatusAsync(byte[] call)
        {
            using HttpClient http = mission.NewHttp(null);
            using var body = new ByteArrayContent(call);
            using HttpResponseMessage answer = await http.PostAsync(_rescue, body);
            return answer.StatusCode;
        }
    }

    private static byte[] Call(byte[] mission, uint node, Ed25519Keys key)
    {
        var call = new RescueCall(mission, new NodeId(node), 1, new byte[32], new byte[32], 0, []);
        return (call with { Signature = key.Sign(call.ToSign()) }).ToBytes();
    }

    private static async Task<RescueAnswer> AskAsync(
        SmallMission mission, byte[] runs, byte[] wants, ulong offset)
    {
        var call = new RescueCall(mission.Mission, new NodeId(2), 1, runs, wants, offset, []);
        using HttpClient http = mission.NewHttp(null);
        using var body = new ByteArrayContent(
            (call with { Signature = SmallMission.Key("node 2").Sign(call.ToSign()) }).ToBytes());
        using HttpResponseMessage answer = await http.PostAsync(_rescue, body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        byte[] bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(RescueAnswer.TryRead(bytes, out RescueAnswer? read));
        return read;
    }
}
