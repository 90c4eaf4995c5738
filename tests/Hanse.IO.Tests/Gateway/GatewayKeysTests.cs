using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Stores;
using Xunit;

namespace Hanse.IO.Tests.Gateway;

/// <summary>The keys of a mission's answers, made by several processes of one store.</summary>
public sealed class GatewayKeysTests : IAsyncLifetime
{
    private static readonly byte[] _mission = SHA256.HashData("a mission"u8);

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-gateway-").FullName;
    private SqliteStore _store = null!;

    public ValueTask InitializeAsync()
    {
        _store = SqliteStore.Open(Path.Combine(_folder, "hanse.db"));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Processes_that_begin_at_once_have_the_same_key_and_so_has_the_next_start()
    {
        GatewayKeys[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync()));
        Assert.All(all, one => Assert.Equal((1u, Hex(all[0].Key)), (one.Serial, Hex(one.Key))));
        Assert.Equal(Hex(all[0].Key), Hex((await OpenAsync()).Key));
    }

    [Fact]
    public async Task Neither_the_secret_nor_the_store_alone_is_enough()
    {
        _ = await OpenAsync();
        StoreException refused = await Assert.ThrowsAsync<StoreException>(() => OpenAsync("another"));
        Assert.Contains("'secret'", refused.Message, StringComparison.Ordinal);
        await using SqliteStore other = SqliteStore.Open(Path.Combine(_folder, "other.db"));
        GatewayKeys elsewhere = await GatewayKeys.OpenAsync(other, _mission, Maker("secret"));
        Assert.NotEqual(Hex((await OpenAsync()).Key), Hex(elsewhere.Key));
    }

    [Fact]
    public async Task Of_processes_that_replace_a_key_at_once_all_have_the_same_next_one()
    {
        GatewayKeys[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync()));
        Assert.All(await Task.WhenAll(all.Select(one => one.ReplaceAsync(1))), Assert.Null);
        Assert.All(all, one => Assert.Equal((2u, Hex(all[0].Key)), (one.Serial, Hex(one.Key))));
        Assert.Null(await all[0].ReplaceAsync(1)); // Repeated: nothing is done.
        Assert.Equal(2u, all[0].Serial);
        Assert.NotNull(await all[0].ReplaceAsync(3));
        Assert.NotNull(await all[0].ReplaceAsync(0));
    }

    [Fact]
    public async Task Each_key_is_vouched_for_by_the_one_before_and_their_number_is_bounded()
    {
        GatewayKeys keys = await OpenAsync();
        for (uint serial = 1; serial < GatewayKeys.SerialMax; serial++)
        {
            Assert.Null(await keys.ReplaceAsync(serial));
        }

        Assert.NotNull(await keys.ReplaceAsync(GatewayKeys.SerialMax));
        byte[] signature =
            keys.Sign(_ => "what"u8.ToArray(), 0, out ImmutableArray<GatewayKeyStatement> told);
        Assert.Equal(GatewayKeys.SerialMax, told.Length);
        Assert.True(Ed25519Keys.Verify(told[^1].Key, "what"u8, signature));
        Assert.Empty(told[0].Signature);
        for (int i = 1; i < told.Length; i++)
        {
            Assert.Equal((uint)i + 1, told[i].Serial);
            Assert.True(Ed25519Keys.Verify(
                told[i - 1].Key, CallSignature.OfGatewayKey(_mission, told[i].Serial, told[i].Key),
                told[i].Signature));
        }

        _ = keys.Sign(_ => "what"u8.ToArray(), 60, out told);
        Assert.Equal([61u, 62u, 63u, 64u], told.Select(one => one.Serial));
        _ = keys.Sign(_ => "what"u8.ToArray(), 64, out told);
        Assert.Empty(told);
    }

    [Fact]
    public async Task A_process_hears_of_a_new_key_from_a_node_that_has_it()
    {
        GatewayKeys behind = await OpenAsync();
        Assert.Null(await (await OpenAsync()).ReplaceAsync(1));
        for (int i = 0; i < 100 && behind.Serial < 2; i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            _ = behind.Sign(_ => "what"u8.ToArray(), 2, out _);
        }

        Assert.Equal(2u, behind.Serial);
    }

    private Task<GatewayKeys> OpenAsync(string secret = "secret") =>
        GatewayKeys.OpenAsync(_store, _mission, Maker(secret));

    private static Func<string, Ed25519Keys> Maker(string secret) => name =>
        Ed25519Keys.TryImport(SHA256.HashData(Encoding.ASCII.GetBytes(secret + name)), out Ed25519Keys? key)
            ? key : throw new InvalidOperationException();

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
