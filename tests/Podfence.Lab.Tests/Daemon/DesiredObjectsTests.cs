using Podfence.Manifests;
using Podfence.Model;

namespace Podfence.Lab.Tests;

public sealed class DesiredObjectsTests
{
    private const string Labelled = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {team: x}}\n";
    private const string PodInA =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: a}\nspec: {containers: [{name: c, image: i}]}\n";

    [Fact]
    public void WithApplied_PodOfAStatedNamespace_DoesNotTakeItsLabels()
    {
        var desired = new DesiredObjects()
            .WithFiles(ManifestReader.ReadText(Labelled))
            .WithApplied(DesiredObjects.Stated(ManifestReader.ReadText(PodInA)));

        Assert.Equal("x", desired.All()[new ObjectReference("Namespace", null, "a")].Namespace!.Labels["team"]);
    }

    [Fact]
    public void All_PodOfNoNamespace_NamespaceIsImplied()
    {
        var desired = new DesiredObjects().WithFiles(ManifestReader.ReadText(PodInA));

        Assert.Equal(
            "a",
            desired.All()[new ObjectReference("Namespace", null, "a")].Namespace!.Labels[Namespace.NameLabel]
        );
    }

    [Fact]
    public void WithDeleted_ObjectOfAFile_IsGoneUntilTheFileChangesIt()
    {
        var file = ManifestReader.ReadText(PodInA);
        var reference = new ObjectReference("Pod", "a", "p");
        var deleted = new DesiredObjects().WithFiles(file).WithDeleted([reference]);

        Assert.False(deleted.All().ContainsKey(reference));
        Assert.False(deleted.WithFiles(file).All().ContainsKey(reference));
        Assert.True(
            deleted
                .WithFiles(
                    ManifestReader.ReadText(
                        PodInA
                            .Replace("name: c", "name: d", StringComparison.Ordinal)
                            .Replace("{name: p,", "{name: p, labels: {v: w},", StringComparison.Ordinal)
                    )
                )
                .All()
                .ContainsKey(reference)
        );
    }
}
