using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ChatSphere.Data.Migrations
{
    /// <inheritdoc />
    public partial class CommunitiesCore : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "communities");

            migrationBuilder.CreateTable(
                name: "servers",
                schema: "communities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    description = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    owner_id = table.Column<Guid>(type: "uuid", nullable: false),
                    is_discoverable = table.Column<bool>(type: "boolean", nullable: false),
                    rights_version = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    delete_after = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_servers", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "channels",
                schema: "communities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    server_id = table.Column<Guid>(type: "uuid", nullable: true),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    parent_id = table.Column<Guid>(type: "uuid", nullable: true),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    name_key = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    topic = table.Column<string>(type: "character varying(1024)", maxLength: 1024, nullable: false),
                    position = table.Column<int>(type: "integer", nullable: false),
                    slow_mode_seconds = table.Column<int>(type: "integer", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deleted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    starter_message_id = table.Column<Guid>(type: "uuid", nullable: true),
                    auto_archive_minutes = table.Column<int>(type: "integer", nullable: false),
                    archived_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    locked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    is_encrypted = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_channels", x => x.id);
                    table.ForeignKey(
                        name: "fk_channels_servers_server_id",
                        column: x => x.server_id,
                        principalSchema: "communities",
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "invites",
                schema: "communities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    code = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    server_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_by = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    max_uses = table.Column<int>(type: "integer", nullable: true),
                    uses = table.Column<int>(type: "integer", nullable: false),
                    role_ids = table.Column<List<Guid>>(type: "uuid[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invites", x => x.id);
                    table.ForeignKey(
                        name: "fk_invites_servers_server_id",
                        column: x => x.server_id,
                        principalSchema: "communities",
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "server_bans",
                schema: "communities",
                columns: table => new
                {
                    server_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    banned_by = table.Column<Guid>(type: "uuid", nullable: false),
                    reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_server_bans", x => new { x.server_id, x.account_id });
                    table.ForeignKey(
                        name: "fk_server_bans_servers_server_id",
                        column: x => x.server_id,
                        principalSchema: "communities",
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "server_members",
                schema: "communities",
                columns: table => new
                {
                    server_id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    nickname = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    joined_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    timed_out_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_server_members", x => new { x.server_id, x.member_id });
                    table.ForeignKey(
                        name: "fk_server_members_servers_server_id",
                        column: x => x.server_id,
                        principalSchema: "communities",
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "server_roles",
                schema: "communities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    server_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    name_key = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    permissions = table.Column<long>(type: "bigint", nullable: false),
                    position = table.Column<int>(type: "integer", nullable: false),
                    color = table.Column<int>(type: "integer", nullable: true),
                    is_hoisted = table.Column<bool>(type: "boolean", nullable: false),
                    is_mentionable = table.Column<bool>(type: "boolean", nullable: false),
                    bot_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_server_roles", x => x.id);
                    table.ForeignKey(
                        name: "fk_server_roles_servers_server_id",
                        column: x => x.server_id,
                        principalSchema: "communities",
                        principalTable: "servers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "channel_counters",
                schema: "communities",
                columns: table => new
                {
                    channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    last_seq = table.Column<long>(type: "bigint", nullable: false),
                    last_change = table.Column<long>(type: "bigint", nullable: false),
                    last_message_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_channel_counters", x => x.channel_id);
                    table.ForeignKey(
                        name: "fk_channel_counters_channels_channel_id",
                        column: x => x.channel_id,
                        principalSchema: "communities",
                        principalTable: "channels",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "channel_members",
                schema: "communities",
                columns: table => new
                {
                    channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    joined_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_channel_members", x => new { x.channel_id, x.account_id });
                    table.ForeignKey(
                        name: "fk_channel_members_channels_channel_id",
                        column: x => x.channel_id,
                        principalSchema: "communities",
                        principalTable: "channels",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "channel_overwrites",
                schema: "communities",
                columns: table => new
                {
                    channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    target_id = table.Column<Guid>(type: "uuid", nullable: false),
                    target = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    allow = table.Column<long>(type: "bigint", nullable: false),
                    deny = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_channel_overwrites", x => new { x.channel_id, x.target_id });
                    table.ForeignKey(
                        name: "fk_channel_overwrites_channels_channel_id",
                        column: x => x.channel_id,
                        principalSchema: "communities",
                        principalTable: "channels",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "messages",
                schema: "communities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    server_id = table.Column<Guid>(type: "uuid", nullable: true),
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    change = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    author_kind = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    author_id = table.Column<Guid>(type: "uuid", nullable: false),
                    author_name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    nonce = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    fingerprint = table.Column<byte[]>(type: "bytea", nullable: true),
                    content = table.Column<string>(type: "text", nullable: false),
                    reply_to_id = table.Column<Guid>(type: "uuid", nullable: true),
                    mentioned_accounts = table.Column<List<Guid>>(type: "uuid[]", nullable: false),
                    mentioned_roles = table.Column<List<Guid>>(type: "uuid[]", nullable: false),
                    mentions_everyone = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    edited_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    deleted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    pinned_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_messages", x => x.id);
                    table.ForeignKey(
                        name: "fk_messages_channels_channel_id",
                        column: x => x.channel_id,
                        principalSchema: "communities",
                        principalTable: "channels",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "read_states",
                schema: "communities",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    channel_id = table.Column<Guid>(type: "uuid", nullable: false),
                    last_read_seq = table.Column<long>(type: "bigint", nullable: false),
                    read_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_read_states", x => new { x.account_id, x.channel_id });
                    table.ForeignKey(
                        name: "fk_read_states_channels_channel_id",
                        column: x => x.channel_id,
                        principalSchema: "communities",
                        principalTable: "channels",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "member_roles",
                schema: "communities",
                columns: table => new
                {
                    server_id = table.Column<Guid>(type: "uuid", nullable: false),
                    member_id = table.Column<Guid>(type: "uuid", nullable: false),
                    role_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_member_roles", x => new { x.server_id, x.member_id, x.role_id });
                    table.ForeignKey(
                        name: "fk_member_roles_server_members_server_id_member_id",
                        columns: x => new { x.server_id, x.member_id },
                        principalSchema: "communities",
                        principalTable: "server_members",
                        principalColumns: new[] { "server_id", "member_id" },
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_member_roles_server_roles_role_id",
                        column: x => x.role_id,
                        principalSchema: "communities",
                        principalTable: "server_roles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_channel_members_account_id",
                schema: "communities",
                table: "channel_members",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_channel_overwrites_target_id",
                schema: "communities",
                table: "channel_overwrites",
                column: "target_id");

            migrationBuilder.CreateIndex(
                name: "ix_channels_parent_id",
                schema: "communities",
                table: "channels",
                column: "parent_id");

            migrationBuilder.CreateIndex(
                name: "ix_channels_server_id_name_key",
                schema: "communities",
                table: "channels",
                columns: new[] { "server_id", "name_key" },
                unique: true,
                filter: "server_id is not null and kind <> 'Thread' and deleted_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_channels_starter_message_id",
                schema: "communities",
                table: "channels",
                column: "starter_message_id",
                unique: true,
                filter: "starter_message_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_invites_code",
                schema: "communities",
                table: "invites",
                column: "code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_invites_server_id",
                schema: "communities",
                table: "invites",
                column: "server_id");

            migrationBuilder.CreateIndex(
                name: "ix_member_roles_role_id",
                schema: "communities",
                table: "member_roles",
                column: "role_id");

            migrationBuilder.CreateIndex(
                name: "ix_messages_author_id_channel_id_nonce",
                schema: "communities",
                table: "messages",
                columns: new[] { "author_id", "channel_id", "nonce" },
                unique: true,
                filter: "nonce is not null");

            migrationBuilder.CreateIndex(
                name: "ix_messages_channel_id_change",
                schema: "communities",
                table: "messages",
                columns: new[] { "channel_id", "change" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_mentioning",
                schema: "communities",
                table: "messages",
                columns: new[] { "channel_id", "seq" },
                unique: true,
                filter: "mentions_everyone or cardinality(mentioned_accounts) > 0 or cardinality(mentioned_roles) > 0");

            migrationBuilder.CreateIndex(
                name: "ix_messages_reply_to_id",
                schema: "communities",
                table: "messages",
                column: "reply_to_id",
                filter: "reply_to_id is not null");

            migrationBuilder.CreateIndex(
                name: "ix_read_states_channel_id",
                schema: "communities",
                table: "read_states",
                column: "channel_id");

            migrationBuilder.CreateIndex(
                name: "ix_server_members_member_id_server_id",
                schema: "communities",
                table: "server_members",
                columns: new[] { "member_id", "server_id" });

            migrationBuilder.CreateIndex(
                name: "ix_server_roles_server_id_name_key",
                schema: "communities",
                table: "server_roles",
                columns: new[] { "server_id", "name_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_servers_delete_after",
                schema: "communities",
                table: "servers",
                column: "delete_after",
                filter: "delete_after is not null");

            migrationBuilder.CreateIndex(
                name: "ix_servers_discoverable",
                schema: "communities",
                table: "servers",
                column: "id",
                filter: "is_discoverable and delete_after is null");

            migrationBuilder.CreateIndex(
                name: "ix_servers_owner_id",
                schema: "communities",
                table: "servers",
                column: "owner_id");

            migrationBuilder.Sql(ChatSphere.Data.Communities.CommunitiesSql.Up);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // Forward only: see docs/architecture.md.
            throw new System.NotSupportedException("Migrations go forward only.");
        }
    }
}
