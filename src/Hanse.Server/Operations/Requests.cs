using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using Grpc.Core;

namespace Hanse.Server.Operations;

/// <summary>How requests are read, and told what is wrong with them, on all services of this side.</summary>
internal static class Requests
{
    /// <summary>Does what is asked; what passes is told so, and anything else that is not ours to tell stays
    /// ours.</summary>
    public static async Task<T> Look<T>(Func<Task<T>> look)
    {
        try
        {
            return await look();
        }
        catch (Exception failure) when (MissionFace.IsPassing(failure))
        {
            throw Refused(StatusCode.Unavailable, "not now: " + failure.Message);
        }
        catch (KeyNotFoundException unknown)
        {
            throw Refused(StatusCode.NotFound, unknown.Message);
        }
    }

    /// <summary>A number that must be there.</summary>
    public static uint Needed(uint value, string name) =>
        value > 0 ? value : throw Invalid($"{name} is missing: it is a number from 1");

    /// <summary>A number that must be there.</summary>
    public static ulong Needed(ulong value, string name) =>
        value > 0 ? value : throw Invalid($"{name} is missing: it is a number from 1");

    /// <summary>An amount within its range.</summary>
    public static long Amount(long value, string name, long most) => value > 0 && value <= most
        ? value : throw Invalid(string.Create(CultureInfo.InvariantCulture, $"{name} is from 1 to {most}"));

    /// <summary>What is asked cannot be.</summary>
    public static RpcException Invalid(string why) => Refused(StatusCode.InvalidArgument, why);

    /// <summary>It is not done.</summary>
    public static RpcException Refused(StatusCode status, string why) => new(new Status(status, why));
}
