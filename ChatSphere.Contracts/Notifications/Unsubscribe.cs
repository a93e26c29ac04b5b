using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Notifications;

/// <param name="Token">From the link in a mail.</param>
public sealed record UnsubscribeRequest([property: Required, StringLength(400)] string Token);
