using System.CommandLine;
using Hanse.Cli.Operators;
using Hanse.Server.V1;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse node</c>: nodes of a mission that is being served.</summary>
internal static class NodeCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("node", "Nodes of a mission that 'hanse serve' serves.\n\n" + OperatorLink.CodesGuide)
        {
            Invite(surroundings),
        };

    private static Command Invite(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var number = new Argument<uint>("N") { Description = "The node's number, from 1." };
        var command = new Command(
            "invite", "Makes a one-time token by which a machine becomes node N: the key that shows it first "
                + "is that node for life. Prints the token, of which there is no other copy.\n\n"
                + OperatorLink.CodesGuide)
        {
            number,
        };
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            Invitation invitation = await client.InviteNodeAsync(
                new InviteNodeRequest { Node = parsed.GetValue(number) }, options);
            parsed.InvocationConfiguration.Output.WriteLine(invitation.Token);
        }, surroundings.Stop));
        return link.On(command);
    }
}
