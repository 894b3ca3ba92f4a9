namespace Podfence.Bench;

/// <summary>A measurement could not be taken; the message says why.</summary>
internal sealed class BenchException(string message) : Exception(message);
