using System.CommandLine;
using System.IO;
using Hanse.IO.Cores;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse core</c>: images of what decides on a node.</summary>
internal static class CoreCommand
{
    /// <summary>The command.</summary>
    public static Command Create() => new(
        "core", "Images of what decides on a node: measured, packed, put together.")
    {
        Measure(),
    };

    private static Command Measure()
    {
        var folder = new Argument<string?>("FOLDER")
        {
            Description = "What a node is started from; without it, what this program was started from.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "measure", "Says the measurement of an image: what a node that runs it attests, and what "
                + "'hanse serve --core' and an order name.\n\n" + ExitCode.Guide)
        {
            folder,
        };
        command.SetAction(parsed =>
        {
            try
            {
                CoreImage image = parsed.GetValue(folder) is { } named
                    ? CoreImage.Of(named) : CoreImage.OfThisProcess();
                parsed.InvocationConfiguration.Output.WriteLine(image.Digest);
                return ExitCode.Fine;
            }
            catch (IOException failure)
            {
                parsed.InvocationConfiguration.Error.WriteLine("hanse: " + failure.Message);
                return ExitCode.Environment;
            }
        });
        return command;
    }
}
