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
            RotateKey(surroundings),
            Revoke(surroundings),
            Retire(surroundings),
            HandOver(surroundings),
            BirthQuotaCommand.Create(surroundings),
        };

    private static Command RotateKey(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var number = new Argument<uint>("N") { Description = "The node's number, from 1." };
        var command = new Command(
            "rotate-key", "Asks node N to replace its key by a new one, which it does when it calls next. "
                + "May be repeated.\n\n" + OperatorLink.CodesGuide)
        {
            number,
        };
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            NodeKeyDue due = await client.RotateNodeKeyAsync(
                new RotateNodeKeyRequest { Node = parsed.GetValue(number) }, options);
            parsed.InvocationConfiguration.Output.WriteLine(
                $"node {due.Node} is asked to replace its key {due.Serial}");
        }, surroundings.Stop));
        return link.On(command);
    }

    private static Command Revoke(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var number = new Argument<uint>("N") { Description = "The node's number, from 1." };
        var command = new Command(
            "revoke", "Takes the key of node N away, of a machine that is lost or stolen: nothing is heard "
                + "of it any more, and its number is nobody's. A machine that is to go on is invited under "
                + "another. It cannot be undone.\n\n" + OperatorLink.CodesGuide)
        {
            number,
        };
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            NodeRevoked revoked = await client.RevokeNodeAsync(
                new RevokeNodeRequest { Node = parsed.GetValue(number) }, options);
            parsed.InvocationConfiguration.Output.WriteLine(
                $"no key speaks for node {revoked.Node} any more");
        }, surroundings.Stop));
        return link.On(command);
    }

    private static Command Invite(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var number = new Argument<uint>("N") { Description = "The node's number, from 1." };
        var command = new Command(
            "invite", "Makes a one-time token by which a machine becomes node N: the first to show it "
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

    private static Command HandOver(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var number = new Argument<uint>("N") { Description = "The node's number, from 1." };
        var from = new Option<uint>("--from")
        {
            Description = "The region that it belongs to.",
            HelpName = "N",
            Required = true,
        };
        var to = new Option<uint>("--to")
        {
            Description = "The region that it is to belong to.",
            HelpName = "N",
            Required = true,
        };
        var command = new Command(
            "handover", "Has node N belong to another region: it finishes the work that it holds, leaves "
                + "with what it owns when its hub's journal is accepted, and calls the other hub.\n\n"
                + OperatorLink.CodesGuide)
        {
            number, from, to,
        };
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            NodeHandedOver handed = await client.HandOverNodeAsync(
                new HandOverNodeRequest
                {
                    Node = parsed.GetValue(number),
                    FromRegion = parsed.GetValue(from),
                    ToRegion = parsed.GetValue(to),
                },
                options);
            parsed.InvocationConfiguration.Output.WriteLine(
                $"node {handed.Node} goes to region {handed.ToRegion} when it holds no more work");
        }, surroundings.Stop));
        return link.On(command);
    }

    private static Command Retire(Surroundings surroundings)
    {
        var link = new OperatorLink();
        var number = new Argument<uint>("N") { Description = "The node's number, from 1." };
        var region = new Option<uint>("--region")
        {
            Description = "Where it belongs.",
            HelpName = "N",
            Required = true,
        };
        var lost = new Option<bool>("--lost")
        {
            Description = "It will not be heard again: its work goes back on the market at once.",
        };
        var command = new Command(
            "retire", "Ends node N's service for good: it finishes what it carries and takes on nothing "
                + "more; when it owes nothing and is owed nothing, what it owns goes back to the region, and "
                + "its key speaks for nothing. Its number never comes back.\n\n" + OperatorLink.CodesGuide)
        {
            number, region, lost,
        };
        command.SetAction(parsed => link.Call(parsed, async (client, options) =>
        {
            NodeRetired retired = await client.RetireNodeAsync(
                new RetireNodeRequest
                {
                    Node = parsed.GetValue(number),
                    Region = parsed.GetValue(region),
                    IsLost = parsed.GetValue(lost),
                },
                options);
            parsed.InvocationConfiguration.Output.WriteLine(retired.IsOver
                ? $"node {retired.Node} is retired"
                : $"node {retired.Node} is retired as soon as nothing is open between it and its hub");
        }, surroundings.Stop));
        return link.On(command);
    }
}
