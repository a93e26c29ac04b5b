using ChatSphere.Data.Communities;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<MessageEdit> MessageEdits => Set<MessageEdit>();
    public DbSet<MessageReaction> MessageReactions => Set<MessageReaction>();
    public DbSet<PollVote> PollVotes => Set<PollVote>();
    public DbSet<SlowModeMark> SlowModeMarks => Set<SlowModeMark>();
    public DbSet<ChannelAttachment> ChannelAttachments => Set<ChannelAttachment>();
    public DbSet<ServerEmoji> ServerEmoji => Set<ServerEmoji>();
}
