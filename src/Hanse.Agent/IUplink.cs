using System;
using Hanse.Core.Links;

namespace Hanse.Agent;

/// <summary>How a node's frames get to its hub and back.</summary>
public interface IUplink : IAsyncDisposable
{
    /// <summary>Begins, and gives to <paramref name="receive"/> every frame that comes, from any
    /// thread.</summary>
    void Start(Action<Frame> receive);

    /// <summary>Sends a frame, or loses it: nobody is told. Never waits.</summary>
    void Send(Frame frame);
}
