using System.CommandLine;
using System.Globalization;
using System.IO;
using Hanse.Cli.Operators;
using Hanse.Server.V1;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse gateway</c>: the key by which nodes know the answers of a mission.</summary>
internal static class GatewayCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("gateway", "The key by which nodes know answers of a mission that 'hanse serve' serves.\n\n"
            + OperatorLink.CodesGuide)
        {
            Show(surroundings),
            Rotate(surroundings),
        };

    private static Command Show(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var command = new Command(
            "key", "Prints the number of the key and the key, as 'hanse agent --gateway-key' takes it.\n\n"
                + OperatorLink.CodesGuide);
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            Mission mission = await client.GetMissionAsync(new GetMissionRequest(), options);
            Tell(mission.GatewayKeySerial, mission.GatewayKey, parsed.InvocationConfiguration.Output);
        }, surroundings.Stop));
        return link.On(command);
    }

    private static Command Rotate(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var command = new Command(
            "rotate-key", "Puts another key in its place, which the one before vouches for: nodes learn of "
                + "it with their next answer, however late. At most 64 in the life of a mission. Prints the "
                + "new one.\n\n" + OperatorLink.CodesGuide);
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            Mission mission = await client.GetMissionAsync(new GetMissionRequest(), options);
            GatewayKeyInUse used = await client.ReplaceGatewayKeyAsync(
                new ReplaceGatewayKeyRequest { Serial = mission.GatewayKeySerial }, options);
            Tell(used.Serial, used.Key, parsed.InvocationConfiguration.Output);
        }, surroundings.Stop));
        return link.On(command);
    }

    private static void Tell(uint serial, string key, TextWriter output) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{serial} {key}"));
}
