using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Grpc.Core;
using Grpc.Net.Client;
using Hanse.Agent;
using Hanse.Cli.Commands;
using Hanse.Server.Operations;
using OperationsClient = Hanse.Server.V1.Operations.OperationsClient;

namespace Hanse.Cli.Operators;

/// <summary>The options by which a command finds a running server, and the call itself.</summary>
/// <remarks>The token is the one in <see cref="TokenVariable"/>, or the admin's in the data folder, where the
/// server's certificate is found as well; without the folder the certificate must be one that this machine
/// trusts, or the one that <c>--fingerprint</c> names.</remarks>
internal sealed class OperatorLink
{
    /// <summary>The variable that has a token.</summary>
    public const string TokenVariable = "HANSE_TOKEN";

    /// <summary>What exit codes mean, for help texts.</summary>
    public const string CodesGuide =
        "Exit codes: 0 fine; 2 the command line is wrong, or the server refuses it; 3 the server is not "
            + "there, or cannot do it now.";

    private const string Default = "https://127.0.0.1:7420";

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    /// <summary>Where the server is.</summary>
    public Option<string> Server { get; } = new("--server")
    {
        Description = "Where the server listens.",
        HelpName = "URL",
        DefaultValueFactory = _ => Default,
    };

    /// <summary>The server's data folder, if it is on this machine.</summary>
    public Option<string> Data { get; } = new("--data")
    {
        Description = "The server's data folder, for its certificate and, unless "
            + $"{TokenVariable} has another, the admin's token.",
        HelpName = "FOLDER",
        DefaultValueFactory = _ => "hanse-data",
    };

    /// <summary>The certificate to trust.</summary>
    public Option<string?> Fingerprint { get; } = new("--fingerprint")
    {
        Description = "SHA-256 of the server's certificate, as its data folder has it in tls.sha256.",
        HelpName = "DIGITS",
    };

    /// <summary>Adds the options to a command.</summary>
    public Command On(Command command)
    {
        command.Options.Add(Server);
        command.Options.Add(Data);
        command.Options.Add(Fingerprint);
        return command;
    }

    /// <summary>Calls the server.</summary>
    /// <returns>The exit code.</returns>
    public int Call(
        ParseResult parsed, Func<OperationsClient, CallOptions, Task> call, CancellationToken stop)
    {
        TextWriter error = parsed.InvocationConfiguration.Error;
        string folder = parsed.GetRequiredValue(Data);
        if (!Uri.TryCreate(parsed.GetRequiredValue(Server), UriKind.Absolute, out Uri? address)
            || address.Scheme != Uri.UriSchemeHttps)
        {
            error.WriteLine($"hanse: --server has the form {Default}");
            return ExitCode.Refused;
        }

        try
        {
            if (Environment.GetEnvironmentVariable(TokenVariable) is not { Length: > 0 } token)
            {
                token = File.ReadAllText(OperatorBook.AdminTokenIn(folder)).Trim();
            }

            if (!token.All(char.IsAscii) || token.Any(char.IsControl))
            {
                error.WriteLine("hanse: the token is none: it has letters, digits, dashes and underscores");
                return ExitCode.Refused;
            }

            string trusted = Path.Combine(folder, "tls.sha256");
            string? certificate = parsed.GetValue(Fingerprint)
                ?? (File.Exists(trusted) ? File.ReadAllText(trusted).Trim() : null);
            using GrpcChannel channel = GatewayChannel.Open(address, certificate);
            var options = new CallOptions(
                new Metadata { { "authorization", "Bearer " + token } }, DateTime.UtcNow + _deadline, stop);
            call(new OperationsClient(channel), options).GetAwaiter().GetResult();
            return ExitCode.Fine;
        }
        catch (RpcException refused)
        {
            bool isStranger = refused.Status.DebugException
                is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError };
            error.WriteLine("hanse: " + (isStranger
                ? "whoever answers there does not show the certificate that --fingerprint names, or "
                    + "tls.sha256 in the folder that --data names"
                : refused.Status.Detail));
            return refused.StatusCode
                is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal
                ? ExitCode.Environment : ExitCode.Refused;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(
                $"hanse: there is no token: set {TokenVariable}, or name the server's folder with --data "
                    + $"({failure.Message})");
            return ExitCode.Environment;
        }
    }

    /// <summary>Mission time as days.</summary>
    public static string Day(long micros) =>
        string.Create(CultureInfo.InvariantCulture, $"{micros / 86_400e6:F2}");
}
