using System;
using System.Linq;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.IO.Journal;
using Hanse.Server.V1;
using Xunit;
using OperationsClient = Hanse.Server.V1.Operations.OperationsClient;
using Rollout = Hanse.Core.Skills.Rollout;

namespace Hanse.Server.Tests.Releases;

/// <summary>Orders of rollouts over the operators' side: signed by keys that the server has not, taken once,
/// and refused with the reason otherwise.</summary>
public sealed class RolloutOrderApiTests : IAsyncLifetime
{
    private const int Size = 1_234;

    private static readonly Digest _release = Digest.Of("a release"u8);

    private readonly Ed25519Keys[] _signers = [Ed25519Keys.Generate(), Ed25519Keys.Generate()];
    private readonly Ed25519Keys _stranger = Ed25519Keys.Generate();
    private SmallMission _mission = null!;
    private GrpcChannel _channel = null!;
    private OperationsClient _client = null!;

    public ValueTask InitializeAsync() => StartAsync(
        new OperatorKeys([.. _signers.Select(key => key.PublicKey)], 1, 2));

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _mission.DisposeAsync();
        foreach (Ed25519Keys key in _signers.Append(_stranger))
        {
            key.Dispose();
        }
    }

    [Fact]
    public async Task A_signed_order_is_taken_once_and_another_under_its_number_never()
    {
        Rollout rollout = Order(1);
        await RefusedAsync(StatusCode.InvalidArgument, Signed(rollout), "1 to 16 signatures");
        Assert.Equal(1u, (await TakenAsync(Signed(rollout, _signers[0]))).Rollout_);
        Server.V1.Rollout again = await TakenAsync(Signed(rollout, _signers[1]));
        Assert.Equal((1u, "Pricing", true), (again.Rollout_, again.Function, again.IsOpen));
        Assert.Equal(_release.ToString(), again.Release);

        Rollout other = rollout with { Classes = [1, 2] };
        await RefusedAsync(StatusCode.AlreadyExists, Signed(other, _signers[0]), "another order");
        _ = await TakenAsync(Signed(rollout, _signers[0]));
        RolloutList list = await _client.ListRolloutsAsync(new ListRolloutsRequest(), As());
        Assert.Equal([1u], list.Rollouts.Select(one => one.Rollout_));
        AuditList audit = await _client.ListAuditAsync(new ListAuditRequest(), As());
        Assert.Equal(
            ["OK", "OK", "AlreadyExists", "OK"],
            audit.Entries.Where(one => one.Method == "OrderRollout").Select(one => one.Outcome));
    }

    [Fact]
    public async Task One_that_goes_faster_takes_two_and_what_was_refused_may_come_again()
    {
        Rollout fast = Order(2) with { Rules = RolloutRules.Expedited };
        await RefusedAsync(StatusCode.PermissionDenied, Signed(fast, _signers[0]), "more keys");
        await RefusedAsync(
            StatusCode.PermissionDenied, Signed(fast, _signers[0], _signers[0]), "more keys");
        await RefusedAsync(
            StatusCode.PermissionDenied, Signed(fast, _signers[0], _stranger), "no signer's");
        OrderRolloutRequest forged = Signed(fast, _signers);
        forged.Signatures[1].Signature = forged.Signatures[0].Signature;
        await RefusedAsync(StatusCode.PermissionDenied, forged, "does not hold");
        RolloutList list = await _client.ListRolloutsAsync(new ListRolloutsRequest(), As());
        Assert.Equal("BadSignature", Assert.Single(list.Refused).Reason);
        _ = await TakenAsync(Signed(fast, _signers));
        list = await _client.ListRolloutsAsync(new ListRolloutsRequest(), As());
        Assert.Empty(list.Refused);
        _ = Assert.Single(list.Rollouts);
    }

    [Fact]
    public async Task What_is_signed_for_one_order_is_none_for_another()
    {
        OrderRolloutRequest moved = Signed(Order(3), _signers[0]);
        moved.Order = ByteString.CopyFrom(CborWriter.Bytes(Order(3) with { Classes = [2] }));
        await RefusedAsync(StatusCode.PermissionDenied, moved, "does not hold");
    }

    [Fact]
    public async Task What_hubs_do_not_have_is_not_ordered()
    {
        await RefusedAsync(
            StatusCode.FailedPrecondition,
            Signed(Order(4) with { Release = Digest.Of("another"u8) }, _signers[0]), "skill push");
        await RefusedAsync(
            StatusCode.FailedPrecondition, Signed(Order(4) with { Size = Size + 1 }, _signers[0]),
            "1234 bytes");
    }

    [Fact]
    public async Task Whatever_else_the_bytes_are_they_are_refused_and_nothing_has_changed()
    {
        byte[] order = CborWriter.Bytes(Order(5));
        var luck = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = [.. order];
            int count = luck.Next(1, 4);
            for (int change = 0; change < count; change++)
            {
                bytes[luck.Next(bytes.Length)] = (byte)luck.Next(256);
            }

            bytes = luck.Next(4) == 0 ? bytes[..luck.Next(bytes.Length)] : bytes;
            if (bytes.AsSpan().SequenceEqual(order))
            {
                continue;
            }

            OrderRolloutRequest request = Signed(Order(5), _signers[0]);
            request.Order = ByteString.CopyFrom(bytes);
            RpcException refused = await Assert.ThrowsAsync<RpcException>(
                async () => await _client.OrderRolloutAsync(request, As()));
            Assert.Contains(
                refused.StatusCode,
                new[]
                {
                    StatusCode.InvalidArgument, StatusCode.FailedPrecondition, StatusCode.PermissionDenied,
                });
        }

        OrderRolloutRequest large = Signed(Order(5), _signers[0]);
        large.Order = ByteString.CopyFrom(new byte[5_000]);
        await RefusedAsync(StatusCode.InvalidArgument, large, "at most");
        Assert.Empty((await _client.ListRolloutsAsync(new ListRolloutsRequest(), As())).Rollouts);
        Assert.Empty(_mission.Failures);
    }

    [Fact]
    public async Task Without_signers_nobody_orders()
    {
        _channel.Dispose();
        await _mission.DisposeAsync();
        await StartAsync(OperatorKeys.None);
        await RefusedAsync(StatusCode.FailedPrecondition, Signed(Order(1), _signers[0]), "--signers");
    }

    [Fact]
    public async Task An_order_outlives_the_server()
    {
        _ = await TakenAsync(Signed(Order(7), _signers[0]));
        await _mission.StopAsync();
        await _mission.StartAsync();
        _channel.Dispose();
        _channel = _mission.NewChannel();
        _client = new OperationsClient(_channel);
        _ = await TakenAsync(Signed(Order(7), _signers[0]));
        _ = Assert.Single((await _client.ListRolloutsAsync(new ListRolloutsRequest(), As())).Rollouts);
    }

    private static Rollout Order(uint number) => new(
        number, SkillFunction.Pricing, 1, _release, Size, [1],
        new SkillTrial(8, PartsPerMillion.FromPercent(5), TimeSpan.FromDays(7), TimeSpan.FromHours(6)),
        RolloutRules.Standard);

    private static OrderRolloutRequest Signed(Rollout rollout, params Ed25519Keys[] keys)
    {
        var request = new OrderRolloutRequest { Order = ByteString.CopyFrom(CborWriter.Bytes(rollout)) };
        request.Signatures.AddRange(keys.Select(key => new OrderSignature
        {
            PublicKey = ByteString.CopyFrom(key.PublicKey),
            Signature = ByteString.CopyFrom(key.Sign(rollout.ToSign())),
        }));
        return request;
    }

    private async ValueTask StartAsync(OperatorKeys signers)
    {
        _mission = new SmallMission
        {
            Operators = signers,
            LengthOf = release => release == _release ? Size : null,
        };
        await _mission.StartAsync();
        _channel = _mission.NewChannel();
        _client = new OperationsClient(_channel);
    }

    private async Task<Server.V1.Rollout> TakenAsync(OrderRolloutRequest request) =>
        await _client.OrderRolloutAsync(request, As());

    private async Task RefusedAsync(StatusCode status, OrderRolloutRequest request, string word)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.OrderRolloutAsync(request, As()));
        Assert.Equal(status, refused.StatusCode);
        Assert.Contains(word, refused.Status.Detail, StringComparison.Ordinal);
    }

    private CallOptions As() => new(new Metadata { { "authorization", "Bearer " + _mission.AdminToken() } });
}
