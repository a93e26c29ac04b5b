using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Web.Clients;

public sealed partial class AccountsClient(ApiCalls api, ApiTransport transport)
{
    public Task<ApiResult<AccountResponse>> RegisterAsync(RegisterRequest request) => api.PostAnonymouslyAsync<AccountResponse>("v1/accounts/register", request);

    public Task<ApiResult<TokenResponse>> SignInAsync(SignInRequest request) => api.PostAnonymouslyAsync<TokenResponse>("v1/accounts/sign-in", request);

    /// <summary>Who a token that no session holds yet belongs to.</summary>
    public Task<ApiResult<AccountResponse>> MeAsync(string accessToken) => transport.SendAsync<AccountResponse>(
        null, () => new(HttpMethod.Get, ApiCalls.Address("v1/accounts/me")) { Headers = { Authorization = new("Bearer", accessToken) } }, CancellationToken.None);
}
