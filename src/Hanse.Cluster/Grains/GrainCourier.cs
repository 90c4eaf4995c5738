using System;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Wire;
using Hanse.IO.Plane;
using Hanse.IO.Wire;
using Orleans;

namespace Hanse.Cluster.Grains;

/// <summary>Carries frames between the machines of a plane, in one way: one that gets lost is sent again by
/// its link.</summary>
internal sealed class GrainCourier(IGrainFactory grains, PlaneParts plane)
{
    private readonly ImmutableSortedSet<uint> _regions = [.. plane.Hubs.Select(hub => hub.Region.Value)];

    public void Post(Frame frame)
    {
        byte[] bytes = FrameCodec.Encode(frame);
        try
        {
            Task sent = frame.To.Kind switch
            {
                PartyKind.Strategy => grains.GetGrain<IStrategyGrain>(0).PostAsync(bytes),
                PartyKind.Hub when _regions.Contains(frame.To.Number) =>
                    grains.GetGrain<IHubGrain>(frame.To.Number).PostAsync(bytes),
                _ => Task.CompletedTask,
            };
            _ = sent.ContinueWith(
                static task => _ = task.Exception, default, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        }
#pragma warning disable CA1031 // A driver must not throw, and whatever it is: the frame is lost.
        catch (Exception)
#pragma warning restore CA1031
        {
            // While the process ends, for one.
        }
    }
}

/// <summary>Inputs as their canonical bytes.</summary>
internal static class GrainBytes
{
    public static byte[] Of<T>(T input)
        where T : class, IShaped<T>
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        _ = T.Shape(ref writer, input);
        return buffer.Written.ToArray();
    }

    public static bool TryRead<T>(byte[] bytes, [NotNullWhen(true)] out T? input)
        where T : class, IShaped<T> => CborReader.TryRead(bytes, out input, out _);
}
