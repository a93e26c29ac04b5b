using System.Linq.Expressions;
using ChatSphere.Api.Pictures;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;

namespace ChatSphere.Api.Modules.People;

internal static class PersonResponses
{
    public static Expression<Func<Account, PersonResponse>> Projection(ChatSphereDb db, Guid viewer) => a => new PersonResponse(
        a.Id,
        a.DisplayName,
        db.Profiles.Where(p => p.AccountId == a.Id).Select(p => p.Handle).FirstOrDefault(),
        db.Profiles.Where(p => p.AccountId == a.Id).Select(p => p.Bio).FirstOrDefault() ?? "",
        db.Profiles.Where(p => p.AccountId == a.Id).Select(p => p.Pronouns).FirstOrDefault() ?? "",
        db.Profiles.Where(p => p.AccountId == a.Id).Select(p => p.Status).FirstOrDefault() ?? "",
        db.Profiles.Where(p => p.AccountId == a.Id && p.AvatarSha256 != null).Select(p => p.AvatarSha256!.Substring(0, AvatarImage.VersionLength)).FirstOrDefault(),
        a.Id == viewer ? PersonRelationship.Self
            : db.Relationships.Where(r => (r.LowId == a.Id && r.HighId == viewer) || (r.LowId == viewer && r.HighId == a.Id))
                .Select(r => (PersonRelationship?)(r.AcceptedAt != null ? PersonRelationship.Friends : r.RequestedBy == viewer ? PersonRelationship.Outgoing : PersonRelationship.Incoming))
                .FirstOrDefault() ?? PersonRelationship.None);
}
