using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Google.Protobuf;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Wire;
using Hanse.IO.Journal;
using Hanse.Server.V1;
using Rollout = Hanse.Core.Skills.Rollout;

namespace Hanse.Cli.Releases;

/// <summary>An order of a rollout in a file, with the signatures that it has so far: the request of
/// <c>POST /v1/rollouts</c> as JSON.</summary>
internal static class OrderFile
{
    private const int BytesMax = 64 << 10;

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="request">What it has.</param>
    /// <param name="rollout">The order in it.</param>
    /// <param name="reason">What is wrong with it.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool TryRead(
        string path, [NotNullWhen(true)] out OrderRolloutRequest? request,
        [NotNullWhen(true)] out Rollout? rollout, [NotNullWhen(false)] out string? reason)
    {
        (request, rollout) = (null, null);
        using FileStream file = File.OpenRead(path);
        if (file.Length > BytesMax)
        {
            reason = $"'{path}' is too long for an order";
            return false;
        }

        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        try
        {
            request = JsonParser.Default.Parse<OrderRolloutRequest>(Encoding.UTF8.GetString(bytes));
        }
        catch (Exception failure) when (failure is InvalidProtocolBufferException or InvalidJsonException)
        {
            reason = $"'{path}' is no order ({failure.Message}); 'hanse rollout new' makes one";
            return false;
        }

        if (!CborReader.TryRead(request.Order.Memory, out rollout, out DecodeError? error))
        {
            reason = $"'{path}' is no order ({error.Reason} at byte {error.Offset} of it)";
            return false;
        }

        reason = null;
        return true;
    }

    /// <summary>Writes one.</summary>
    /// <exception cref="IOException">It cannot be written, or a new one is there already.</exception>
    public static void Write(string path, OrderRolloutRequest request, bool isNew)
    {
        string text = new JsonFormatter(JsonFormatter.Settings.Default.WithIndentation()).Format(request);
        if (isNew)
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            file.Write(Encoding.UTF8.GetBytes(text + "\n"));
            return;
        }

        File.WriteAllText(path + ".new", text + "\n");
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Says what whoever signs it wants.</summary>
    public static void Tell(Rollout rollout, OrderRolloutRequest request, TextWriter output)
    {
        RolloutRules rules = rollout.Rules;
        Line("rollout", $"{rollout.Id}, {rollout.Function.ToString().ToLowerInvariant()}");
        Line("release", $"{rollout.Release}, {rollout.Size} bytes, contract {rollout.Abi}");
        Line("for", string.Join(", ", rollout.Classes.Select(number => new RolloutGroup(number))));
        Line(
            "pace",
            (rules.IsFasterThan(RolloutRules.Standard) ? "faster than" : "within") + " the standard lane");
        Line("canary", string.Create(
            CultureInfo.InvariantCulture,
            $"{Percent(rules.Canary.Value)} of a class, {rules.CanaryMin} at least, "
                + $"{Percent(rules.Exposure.Value)} of the fleet at most, for {Days(rules.CanaryTime)}"));
        Line("waves", $"{Percent(rules.Wave.Value)} every {Days(rules.WaveTime)}");
        Line(
            "stops", $"above {Percent(rules.Errors.Value)} that let it go; "
                + $"{Percent(rules.Gate.Value)} of node-hours are waited for");
        Line(
            "quorum", rules.Quorum is not { } quorum ? "no machine is waited for"
                : $"{Percent(quorum.Share.Value)} of the machines, {Days(quorum.Each)} each; those of a "
                    + $"canary that cannot be heard yet for {Days(quorum.Patience)}");
        Line("authority", $"{Days(rules.Authority)} without a confirmation");
        Line(
            "trial", $"{rollout.Trial.ShadowRuns} runs beside what decides, within "
                + $"{Percent(rollout.Trial.Divergence.Value)}, one every {Days(rollout.Trial.Pulse)}; then "
                + $"{Days(rollout.Trial.Probation)} on probation");
        byte[] text = rollout.ToSign();
        foreach (OrderSignature one in request.Signatures)
        {
            bool holds = Ed25519Keys.Verify(one.PublicKey.Span, text, one.Signature.Span);
            Line(
                "signed by",
                Convert.ToHexStringLower(one.PublicKey.Span) + (holds ? "" : ", AND IT DOES NOT HOLD"));
        }

        void Line(string name, string value) => output.WriteLine($"{name,-10} {value}");
    }

    private static string Percent(int millionths) =>
        string.Create(CultureInfo.InvariantCulture, $"{millionths / 1e4:0.####} %");

    private static string Days(TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(time < TimeSpan.FromDays(1) ? time.TotalHours : time.TotalDays):0.###} ")
            + (time < TimeSpan.FromDays(1) ? "h" : "d");
}
